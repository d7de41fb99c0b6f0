"""Walks the four published cases, shifted to today.

The paper gives no calendar date of the courses. A cut-off in November 2025 fits every date that it
does give (discrepancy D05), so that month becomes the present one: the history moves by the same
whole months, and day 0 lies the months of follow-up before today. Kept from the paper: days from
enrolment to apheresis, length of the infusion stay, months of follow-up, reasons for delays. What
it does not say is not there (antigens, doses, cell numbers, days lost), or is marked synthetic
where the software needs it (identity, consents, donation number, lot, the product's dates).
"""

from collections.abc import Callable
from datetime import date

from config.demo_data import stretches
from config.demo_data.case_series import CASES, Case
from config.demo_data.people import Team
from config.demo_data.published_bedside import at_home, at_the_bedside
from config.demo_data.stretches import PUBLISHED, days
from config.demo_data.walking import PAPER, UNDATED, Walk
from patients.people import NewPatient
from terms.day_numbers import add_months
from terms.partial_dates import parse

FIRST_BRIDGING_DAY = 5  # after the collection; the paper does not say
CUT_OFF = (2025, 11)  # year and month


def walk_cases(team: Team, today: date) -> None:
    """Walk the four cases from the referral to the day before `today`."""
    for case in CASES:
        CaseWalk(team, case, today).walk()


class CaseWalk:
    """One case on its dates."""

    def __init__(self, team: Team, case: Case, today: date) -> None:
        self.case, self.today = case, today
        self.day_zero = add_months(today, -case.follow_up_months)
        self.shift = (today.year - CUT_OFF[0]) * 12 + today.month - CUT_OFF[1]
        self.steps = Walk(team, self.on(case.enrolment_day - 4))

    def on(self, day: int) -> date:
        """The date of a day number."""
        return days(self.day_zero, day)

    def walk(self) -> None:
        """From the referral to the last follow-up."""
        case, steps = self.case, self.steps
        steps.refer(self._patient(), "coordinator", case.haematologist)
        stretches.enrolled(steps, self.on(case.enrolment_day), PUBLISHED)
        self._history()
        self._collection()
        if case.bridged:
            stretches.bridging_begun(
                steps, self.on(case.apheresis_day + FIRST_BRIDGING_DAY), PUBLISHED
            )
        self._told_of(_WHILE_BRIDGING)
        lot = f"DEMO-LOT-{case.number}"
        stretches.stored(steps, self.on(case.release_day), lot, PUBLISHED)
        self._told_of(_BEFORE_LYMPHODEPLETION)
        stretches.admitted(
            steps, self.day_zero, PUBLISHED, bridged=case.bridged, status=case.disease_status
        )
        self._note(case.status)
        stretches.infused(steps, self.day_zero, PUBLISHED)
        discharge_day = stretches.admission_day(self.steps) + case.stay_days
        at_the_bedside(steps, case.number, self.day_zero, until=discharge_day)
        stretches.gone_home(steps, self.on(discharge_day), PUBLISHED)
        self._follow_up(self.on(discharge_day))

    def close_bridging(self, day: int, response: str = "unknown") -> None:
        """The end of bridging; the days of the doses are not in the paper, nor are the amounts."""
        self.steps.at(self.on(day), 11)
        self.steps.move("bridging", "closed", source=UNDATED, response=response)

    def _told_of(self, tellings: "dict[int, Telling]") -> None:
        telling = tellings.get(self.case.number)
        if telling is not None:
            telling(self)

    def _patient(self) -> NewPatient:
        case = self.case
        birthday = add_months(self.day_zero, -12 * case.age)
        return NewPatient(
            family_name=case.family_name,
            given_name=case.given_name,
            birth_date=days(birthday, -case.days_since_birthday),
            sex=case.sex,
            identifiers=(
                ("Case series", f"CASE-{case.number}"),
                ("Hospital number", f"9000{case.number}"),
            ),
        )

    def _history(self) -> None:
        for kind, on, values in self.case.history:
            shifted = parse(on).shifted_months(self.shift).iso() if on else ""
            self.steps.entry(kind, source=PAPER, by="physician", on=shifted, **values)

    def _collection(self) -> None:
        case, steps = self.case, self.steps
        enrolled_on, collected_on = self.on(case.enrolment_day), self.on(case.apheresis_day)
        silent = tuple(item for item in _OFTEN_STATED if item not in case.assessment)
        stretches.accepted(
            steps,
            days(enrolled_on, 1),
            days(enrolled_on, 4),
            case.assessment,
            silent,
            PUBLISHED,
        )
        undated = any(kind == "transplant" and not on for kind, on, _values in case.history)
        unsaid = {"washout_unknown": "Day not told"} if undated else {}
        order = f"DEMO-{case.number:03d}"
        stretches.booked(steps, days(enrolled_on, 5), collected_on, order, unsaid)
        self._told_of(_BEFORE_COLLECTION)
        stretches.collected(steps, collected_on, f"A999926{case.number:06d}", PUBLISHED, unsaid)
        stretches.in_manufacture(steps, collected_on, self.on(case.release_day + 2))

    def _note(self, text: str, on: date | None = None) -> None:
        shown = on.isoformat() if on else ""
        self.steps.entry("note", source=PAPER, by="physician", on=shown, text=text)

    def _follow_up(self, discharged_on: date) -> None:
        """Monthly marrows, as the paper says of all four, counts, and what else it tells."""
        case, first, yesterday = self.case, self.on(28), days(self.today, -1)
        told = {self.on(day): text for day, text in case.notes}
        marrows = {
            add_months(first, month)
            for month in range(case.follow_up_months)
            if month + 1 not in case.missing_marrow
        }
        counts = at_home(case.number, self.day_zero, discharged_on, yesterday)
        for on in sorted(marrows | set(told) | set(counts)):
            if on > yesterday:
                break
            if on in counts:
                self.steps.at(on, 14).counted(counts[on])
            if on in marrows:
                stretches.marrow_negative(self.steps, on, PUBLISHED)
            if on in told:
                self.steps.at(on, 16)
                self._note(told[on], on)
        self.steps.at(yesterday, 17).counted({"ECOG": ("0", "{score}")}, source=UNDATED)
        self._note("Last follow-up: alive, complete remission, MRD negative, ECOG 0.")


# What the case series states of some of its patients and must not be made up for the others.
_OFTEN_STATED = ("BLAST", "CD19", "CD22", "ANTICD19")
Telling = Callable[[CaseWalk], None]


def _put_off_for_personal_reasons(course: CaseWalk) -> None:
    """Case 1: apheresis is put off and vincristine given meanwhile; the days lost are unknown."""
    steps, enrolment = course.steps, course.case.enrolment_day
    steps.at(course.on(enrolment + 6))
    steps.hold("apheresis", "PERSONAL", source=UNDATED, managed_with="vincristine x1")
    stretches.contained(steps, course.on(enrolment + 7), PUBLISHED)
    steps.at(course.on(enrolment + 16)).release()


def _ebv_reactivation(course: CaseWalk) -> None:
    """Case 1: lymphodepletion and infusion wait for the end of an EBV reactivation."""
    _dose_of_day(course, 15)
    course.close_bridging(-37)
    course.steps.at(course.on(-35)).hold(
        "lymphodepletion",
        "VIRAL_REACTIVATION_EBV",
        source=UNDATED,
        managed_with="rituximab",
        remark="Lymphodepletion and infusion put off; long stay in hospital.",
    )
    course.steps.at(course.on(-8)).release()


def _sars_cov_2(course: CaseWalk) -> None:
    """Case 4: the day-8 dose of inotuzumab is put off."""
    steps, remark = course.steps, "Day-8 dose of inotuzumab put off: SARS-CoV-2, few symptoms."
    steps.at(course.on(course.case.apheresis_day + 11))
    steps.move("bridging", "on_hold", source=UNDATED, reason=remark)
    put_off_to, code = course.on(-23), "VIRAL_INFECTION_SARS_COV_2"
    steps.put_off("bridging", 2, put_off_to, code, remark, UNDATED)
    steps.hold(
        "bridging",
        "VIRAL_INFECTION_SARS_COV_2",
        source=UNDATED,
        managed_with="nirmatrelvir/ritonavir (Paxlovid)",
        remark=remark,
    )


def _not_contained(course: CaseWalk) -> None:
    """Cases 2 to 4: no containment is mentioned."""
    course.steps.at(course.on(course.case.enrolment_day + 6)).open(
        "containment",
        source=UNDATED,
        outset="not_needed",
        reason="None is mentioned in the case series.",
    )


def _supportive_care(course: CaseWalk) -> None:
    """Case 2: no bridging; steroid and opioids for symptoms, their days are not given."""
    course.steps.at(course.on(course.case.apheresis_day + FIRST_BRIDGING_DAY)).open(
        "bridging",
        source=UNDATED,
        outset="none",
        drug="steroid, transdermal opioids",
        drug_class="systemic_steroid",
        reason="Supportive care for symptoms until lymphodepletion.",
    )


def _recovered(course: CaseWalk) -> None:
    """Case 4: the dose follows; the disease is stable."""
    course.steps.at(course.on(-23)).release().move("bridging", "running", source=UNDATED)
    course.steps.at(course.on(-23), 11).give("bridging", 2, source=UNDATED)
    course.steps.withhold("bridging", 3, "No third dose is recorded", source=UNDATED)
    course.close_bridging(-20, response="stable")


def _dose_of_day(course: CaseWalk, day: int) -> None:
    """The dose of a day of the cycle of inotuzumab."""
    on = course.on(course.case.apheresis_day + FIRST_BRIDGING_DAY + day - 1)
    number = stretches.INOTUZUMAB_DAYS.index(day) + 1
    course.steps.at(on, 11).give("bridging", number, source=UNDATED)


def _regular_cycle(course: CaseWalk) -> None:
    """Case 3: a cycle without a delay."""
    _dose_of_day(course, 15)
    course.close_bridging(-20)


# What the paper tells of one case only, by its number, and where on the way it happened.
_BEFORE_COLLECTION: dict[int, Telling] = {
    1: _put_off_for_personal_reasons,
    2: _not_contained,
    3: _not_contained,
    4: _not_contained,
}
_WHILE_BRIDGING: dict[int, Telling] = {
    1: lambda course: _dose_of_day(course, 8),
    2: _supportive_care,
    3: lambda course: _dose_of_day(course, 8),
    4: _sars_cov_2,
}
_BEFORE_LYMPHODEPLETION: dict[int, Telling] = {
    1: _ebv_reactivation,
    3: _regular_cycle,
    4: _recovered,
}
