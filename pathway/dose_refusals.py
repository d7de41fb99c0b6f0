"""What stands against ordering, giving or correcting a dose, each reason with its field."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from accounts.models import User
from pathway.domain import charted
from pathway.domain.dose_guards import before_depletion
from pathway.domain.doses import DoseFacts, DoseState, needs_verifier, other_amount, other_day
from pathway.domain.refusing import soft
from pathway.domain.surface_doses import Arithmetic
from pathway.dose_doubts import AGAINST, doubts
from pathway.dose_of_cancelled import is_cancelled, refuse_before_opened
from pathway.loading import CourseState
from pathway.loading_companions import CompanionRow
from pathway.timing import refuse_time
from patients.domain.dating import refuse_before
from patients.holds import delay_reasons
from patients.models import Course
from patients.responsible import candidates
from patients.survival import refuse_after_death, refuse_when_over
from terms.day_numbers import local_date
from terms.refusals import Kind, NotAllowed, Refusal, Refused
from terms.roles import Role
from terms.words import N_

# The states in which doses are ordered and given; afterwards only what was forgotten is added.
OPEN_STATES = {
    "containment": ("planned", "given"),
    "bridging": ("planned", "running", "on_hold"),
    "lymphodepletion": ("planned", "in_progress"),
}
VERIFIERS = (Role.WARD_NURSE, Role.HAEMATOLOGIST, Role.PHARMACIST)
NOT_ASKED = "reason_not_asked"
_MOST = Decimal(100_000)  # what the column holds, not a dose
_FURTHEST = timedelta(days=366)


def refuse(refusals: Iterable[Refusal], overrides: Mapping[str, str], actor: User) -> None:
    """Raise Refused with every one that does not yield to a reason of somebody who may.

    And with every reason to which nothing asks: it would stand for what nobody was shown.
    """
    found = tuple(refusals)
    standing = [
        refusal
        for refusal in (*found, *_refuse_not_asked(found, overrides))
        if refusal.kind is not Kind.SOFT
        or not overrides.get(refusal.code, "").strip()
        or actor.roles.isdisjoint(refusal.who_may)
    ]
    if standing:
        once = {(refusal.code, refusal.field, str(refusal)): refusal for refusal in standing}
        if "role" in {refusal.code for refusal in standing}:
            raise NotAllowed(once.values())
        raise Refused(once.values())


def _refuse_not_asked(asked: Iterable[Refusal], overrides: Mapping[str, str]) -> list[Refusal]:
    codes = {refusal.code for refusal in asked}
    said = tuple(code for code, why in overrides.items() if why.strip() and code not in codes)
    if not said:
        return []
    message = N_("Nothing asks for these reasons now: %(codes)s.")
    return [Refusal(NOT_ASKED, message, {"codes": said}, field="overrides")]


def replaced() -> Refusal:
    """The refusal of a row that another one stands for."""
    return Refusal(
        "dose_replaced", N_("Somebody has changed this dose since. Look at it as it is now.")
    )


def refuse_ordering(state: CourseState, row: CompanionRow) -> list[Refusal]:
    """Against ordering for a companion that is over, or a course that is."""
    refusals = refuse_when_over(state.course)
    if row.state not in OPEN_STATES[row.machine]:
        refusals.append(Refusal("companion_over", N_("This treatment is over.")))
    return refusals


def refuse_order(
    state: CourseState,
    row: CompanionRow,
    drug: str,
    drug_class: str,
    planned_on: date | None,
    today: date,
) -> list[Refusal]:
    """Against one dose of an order: its drug, its class, its day."""
    on = planned_on or today
    facts = state.facts(on=on)
    refusals = []
    if not drug.strip():
        refusals.append(Refusal("value_missing", N_("This is needed."), field="drug"))
    if drug_class and drug_class not in facts.rules.washouts.by_class:
        message = N_("Choose a drug class of this course's protocol.")
        refusals.append(Refusal("unknown_drug_class", message, field="drug_class"))
    refusals += refuse_before(
        on,
        state.course.referred_on,
        code="before_referral",
        message=N_("This is before the referral, on %(limit)s."),
        field="planned_on",
    )
    if on > today + _FURTHEST:
        message = N_("A dose is planned at most one year ahead.")
        refusals.append(Refusal("plan_out_of_range", message, field="planned_on"))
    if row.machine == "bridging" and (late := before_depletion(facts)):
        refusals.append(late)
    if row.machine == "containment":
        refusals += _refuse_passing_the_booking(state, drug_class or row.drug_class, on)
    return refusals


def _refuse_passing_the_booking(state: CourseState, drug_class: str, on: date) -> list[Refusal]:
    """A washout that is not over on the booked day of collection."""
    facts = state.facts(on=on)
    over_on = on + timedelta(days=facts.rules.washout_days(drug_class) or 0)
    booked = [
        attempt.planned_on
        for attempt in facts.attempts
        if attempt.state in {"scheduled", "cleared"} and attempt.planned_on
    ]
    if not booked or over_on <= min(booked):
        return []
    message = N_("Its washout ends on %(until)s, after the collection booked for %(booked)s.")
    return [soft("passes_booked_date", message, until=over_on, booked=min(booked))]


def refuse_giving(
    state: CourseState, row: CompanionRow, dose: DoseFacts, at: datetime, now: datetime
) -> list[Refusal]:
    """Against a dose having been given `at`: what became of it, and when that can have been."""
    over = _refuse_over(row) if is_cancelled(row) else []
    return [
        *refuse_settled(dose),
        *refuse_moment(state, row, at, now),
        *(over or doubts(state, row, at)),
    ]


def _refuse_over(row: CompanionRow) -> list[Refusal]:
    message = N_("This treatment ended on %(on)s.")
    return [Refusal("companion_over", message, {"on": row.state_since}, field="given_at")]


def the_way_to_tell(row: CompanionRow, moving: Iterable[Refusal]) -> list[Refusal]:
    """How a dose is told that was given in truth, where its companion firmly does not begin."""
    firm = (one.kind is Kind.HARD and one.code != "role" and not one.field for one in moving)
    if not any(firm) and not is_cancelled(row):
        return []
    message = N_(
        "If this dose was given all the same, it is told after the fact: record it as not given, "
        "then a haematologist corrects that to given, with a reason for each question."
    )
    return [Refusal("told_after_the_fact", message, who_may=(Role.HAEMATOLOGIST.value,))]


def refuse_given_after_all(
    state: CourseState, row: CompanionRow, dose: DoseFacts, at: datetime
) -> list[Refusal]:
    """Against a dose recorded as not given that was given: what is asked of any further dose."""
    return doubts(state, row, at) if dose.state is DoseState.NOT_GIVEN else []


# The warnings about a dose whose reason is kept as why it was given otherwise than planned.
_DOUBTS = (
    "first_dose_off_day", "dose_while_held", "dose_without_product", "consent_not_standing",
    "bridging_on_hold", "dose_off_target", "dose_off_weight",
)  # fmt: skip
_ABOUT_CHECKS = (charted.CODE, AGAINST)
_OFF_DAY = "first_dose_off_day"  # the one of them whose answer says why it was another day


def reasons_given(deviation: str, asked: Iterable[Refusal], overrides: Mapping[str, str]) -> str:
    """Why a dose was given otherwise, and what was answered to the warnings about it."""
    about = (one for one in asked if one.code in _DOUBTS or one.code.startswith(_ABOUT_CHECKS))
    said = (deviation.strip(), reasons_for(about, overrides))
    return "; ".join(text for text in said if text)


def reasons_for(found: Iterable[Refusal], overrides: Mapping[str, str]) -> str:
    """What was answered to those of `found` that yielded, each once."""
    codes = dict.fromkeys(refusal.code for refusal in found)
    return "; ".join(text for code in codes if (text := overrides.get(code, "").strip()))


def refuse_moment(
    state: CourseState, row: CompanionRow, at: datetime, now: datetime
) -> list[Refusal]:
    """Against the time `at` of a dose: in the future, after the end of its companion or of life.

    A lymphodepletion that was cancelled is over only until a dose of it is told.
    """
    on = local_date(at, state.course.centre.zone)
    refusals = [
        *(_at_given(one) for one in refuse_time(state.course, at, now)),
        *refuse_after_death(on, state.course.patient, "given_at"),
        *refuse_before_opened(state, row, at),
    ]
    over = row.state not in OPEN_STATES[row.machine] and not is_cancelled(row)
    if over and (row.state == "cancelled" or on > row.state_since):
        refusals += _refuse_over(row)
    if row.machine == "bridging" and (late := before_depletion(state.facts(on=on))):
        refusals.append(late)
    return refusals


def _at_given(refusal: Refusal) -> Refusal:
    return Refusal(refusal.code, refusal.message, refusal.params, refusal.kind, field="given_at")


def refuse_settled(dose: DoseFacts) -> list[Refusal]:
    """Against saying once more what became of a dose: that is a correction."""
    if dose.is_open:
        return []
    if dose.state is DoseState.GIVEN:
        return [Refusal("dose_given", N_("This dose is recorded as given: correct it instead."))]
    return [
        Refusal("dose_not_given", N_("This dose is recorded as not given: correct it instead."))
    ]


def refuse_unsettled(dose: DoseFacts) -> list[Refusal]:
    """Against correcting what was never said: recording it asks the gate and begins the course."""
    if not dose.is_open:
        return []
    message = N_("Nothing is recorded of this dose yet: record it as given or as not given.")
    return [Refusal("dose_open", message)]


def refuse_amount(amount: Decimal | None, field: str) -> list[Refusal]:
    """Against an amount that cannot be, or that would be rounded when it is kept."""
    if amount is None:
        return []
    if amount.is_finite() and 0 < amount < _MOST and amount == round(amount, 3):
        return []
    message = N_("An amount is above 0 and below 100000, with at most three decimals.")
    return [Refusal("impossible_amount", message, field=field)]


def refuse_unit(found: Arithmetic | None, unit: str) -> list[Refusal]:
    """Against a unit in which the arithmetic of the protocol cannot be compared."""
    if found is None or unit.strip() == "mg":
        return []
    message = N_("Order this drug in mg: the protocol counts it in mg/m².")
    return [Refusal("unit_not_mg", message, field="unit")]


def refuse_difference(
    dose: DoseFacts,
    on: date,
    amount: Decimal | None,
    deviation: str,
    overrides: Mapping[str, str],
) -> list[Refusal]:
    """Against another day or amount than ordered without a word about it."""
    another_day = other_day(dose, on) and not overrides.get(_OFF_DAY, "").strip()
    if deviation.strip() or not (another_day or other_amount(dose, amount)):
        return []
    message = N_("Say why day or amount differ from the order.")
    return [Refusal("deviation_missing", message, field="deviation")]


def refuse_verifier(
    course: Course, row: CompanionRow, dose: DoseFacts, verified_by: str, actor: User
) -> list[Refusal]:
    """Against a dose that needs a second pair of eyes and has none, or a name that cannot be it."""
    if not verified_by:
        if not needs_verifier(dose.drug, dose.drug_class or row.drug_class, dose.route):
            return []
        message = N_("A second person verifies this dose: say who.")
        return [Refusal("verifier_missing", message, field="verified_by")]
    if verified_by == actor.get_username():
        message = N_("Who records the dose cannot be the second person who verified it.")
        return [Refusal("verifier_same", message, field="verified_by")]
    known = any(
        candidates(course, role).filter(username=verified_by).exists() for role in VERIFIERS
    )
    if known:
        return []
    message = N_("Choose a nurse, haematologist or pharmacist of this centre.")
    return [Refusal("verifier_unknown", message, field="verified_by")]


def refuse_no_reason(reason: str) -> list[Refusal]:
    """Against a change without its reason."""
    if reason.strip():
        return []
    return [Refusal("reason_missing", N_("Say why."), field="reason")]


def refuse_delay(course: Course, code: str, *, needed: bool) -> list[Refusal]:
    """Against putting a dose off without a reason of the course's protocol."""
    if code in delay_reasons(course).by_code or (not code and not needed):
        return []
    message = N_("Choose a reason from the list of this course's protocol.")
    return [Refusal("unknown_reason", message, field="delay_code")]


def refuse_reopening(row: CompanionRow, given: object, not_given_reason: str) -> list[Refusal]:
    """Against leaving it open what became of a dose whose treatment is over."""
    if given is not None or not_given_reason.strip() or row.state in OPEN_STATES[row.machine]:
        return []
    message = N_("This treatment is over: say whether the dose was given.")
    return [Refusal("dose_left_open", message, field="not_given_reason")]
