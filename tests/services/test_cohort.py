"""The cohort report: who is in it, what is counted, and that SQL counts as the rules do."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Centre, User
from audit.models import AuditEvent
from config.demo_data.computing import computing
from exports.cohort import Cohort, CohortFilters, cohort, read_cohort
from exports.cohort_report import report_of, table_1, table_2
from exports.domain.counted import Counted
from exports.domain.summaries import Proportion, Summary, Value
from exports.domain.survival import Time
from patients.charting import add_entry
from patients.deaths import record_death
from patients.models import Anchor, Course, LabResult
from protocol.models import Protocol
from terms.refusals import NotAllowed
from tests.conftest import PROTOCOL_FILE, Refer, UserWith, make_protocol, referring
from tests.services.test_early_ends import DATA_TOO
from tests.toxicity_course import CLEAR, HOT, WELL, at, infuse, log
from tests.walking import DAY_ZERO, Walk
from toxicity.domain.b_cell_aplasia import b_cell_aplasia
from toxicity.domain.daily import Sample
from toxicity.domain.neutropenia import neutropenic_days

LATER = datetime(2026, 12, 20, 9, tzinfo=UTC)
BUDGET = 20


def counted(user: User, now: datetime = LATER, **filters: Any) -> Cohort:
    return cohort(user, CohortFilters(**filters), now=now)


def only(user: User, now: datetime = LATER) -> Counted:
    (one,) = counted(user, now).rows()
    return one


def enrol(course: Course) -> Course:
    """A course beyond its referral whose dates nobody recorded."""
    course.journey.stage = "eligibility"
    course.journey.save()
    return course


def test_nothing_is_asked_of_an_empty_cohort(coordinator: User, course: Course) -> None:
    assert course.journey.stage == "referral"
    counted(coordinator)
    with CaptureQueriesContext(connection) as captured:
        found = counted(coordinator)
    assert (found.rows(), found.protocols, found.count) == ([], (), 0)
    assert len(captured) <= 4
    report = report_of(found)
    assert set(report.statistics.values()) == {Summary(0, 0, 0, None, None, None)}
    assert [curve.times for curve in report.curves] == [{}] * 3


@pytest.mark.walked("to_follow_up")
def test_a_walked_course_has_its_days_and_its_place_in_the_tables(walk: Walk) -> None:
    one = only(walk.by("coordinator"))
    row = table_1(one)
    assert row["days_to_apheresis"] == 10
    assert row["bridging"] == "inotuzumab ozogamicin"
    assert row["first_line"] == "GIMEMA LAL1913"
    assert (row["diagnosis"], row["risk"], row["response"]) == (None, None, None)
    assert row["allo_hsct"] == "none", "the review says so"
    assert (row["age"], row["patient"]) == (65, walk.course.code)
    after = table_2(one)
    assert after["crs"] == {"grade": 0, "onset_day": None, "duration_days": None, "ongoing": False}
    assert after["icans"]["grade"] == 0
    assert (after["stay_days"], after["stay_ongoing"]) == (20, False)
    assert (after["neutropenia_days"], after["ecog"]) == (None, None), "nobody recorded any"
    assert (after["b_cell_aplasia_months"], after["b_cell_aplasia_ongoing"]) == (None, None)
    assert after["status"] == "no_blasts"
    assert after["infections"] == []
    assert one.since_infusion(one.seen_on) == 14
    report = report_of(counted(walk.by("coordinator")))
    rates = {i.definition.code: i.rate for i in report.indicators if i.rate}
    assert (rates["apheresis_success"].part, rates["apheresis_success"].of) == (1, 1)
    assert (rates["depletion_in_window"].part, rates["depletion_in_window"].of) == (1, 1)
    assert (rates["mortality_30"].of, rates["mortality_30"].missing) == (0, 1)


def test_what_nobody_recorded_is_missing_and_no_nought(coordinator: User, course: Course) -> None:
    enrol(course)
    early = only(coordinator)
    assert (early.stay, early.neutropenia, early.aplasia, early.overall) == (None,) * 4
    assert table_2(early)["infections"] is None
    infuse(course)
    one = only(coordinator)
    row = table_2(one)
    assert row["crs"]["grade"] is None, "nobody looked"
    assert [row[key] for key in ("stay_days", "neutropenia_days", "ecog")] == [None] * 3
    found = report_of(counted(coordinator)).statistics
    for code in ("hospital_stay_days", "crs_onset_day", "enrolment_to_apheresis_days"):
        assert (found[code].n, found[code].missing) == (0, 1), code
    assert (found["follow_up_months"].n, found["follow_up_months"].median) == (1, 0)


def test_grades_are_those_of_the_episodes(coordinator: User, user_with: UserWith) -> None:
    protocol = make_protocol(computing(PROTOCOL_FILE.read_bytes()))
    course = enrol(infuse(referring(protocol)(coordinator)))
    nurse = user_with("ward_nurse")
    log(course, nurse, 1, crs=WELL, icans=CLEAR)
    log(course, nurse, 2, crs=HOT)
    log(course, nurse, 3, crs=HOT)
    row = table_2(only(coordinator, at(course, 4)))
    assert row["crs"] == {"grade": 1, "onset_day": 2, "duration_days": 2, "ongoing": True}
    assert row["icans"]["grade"] == 0
    found = report_of(counted(coordinator, at(course, 4)))
    assert found.statistics["crs_onset_day"] == Summary(1, 0, 0, 2, 2, 2)
    assert found.statistics["crs_duration_days"] == Summary(1, 0, 1, None, None, None, 2)
    assert found.statistics["icans_onset_day"] == Summary(0, 0, 0, None, None, None)


def test_only_what_one_may_see_and_what_may_be_used_is_counted(
    coordinator: User,
    refer_patient: Refer,
    user_with: UserWith,
    other_centre: Centre,
) -> None:
    walk = Walk(refer_patient(coordinator), user_with).to_eligibility()
    assert len(counted(coordinator).rows()) == 1
    stranger = user_with("coordinator", at=other_centre)
    assert counted(stranger).rows() == []
    walk.go("withdrawn", reason="asked to", details=DATA_TOO)
    assert counted(coordinator).rows() == [], "the use of the data was withdrawn"
    with pytest.raises(NotAllowed):
        counted(user_with())


def test_filters_narrow_it(coordinator: User, refer_patient: Refer, protocol: Protocol) -> None:
    courses = [enrol(refer_patient(coordinator, number=f"X{n}")) for n in range(3)]
    for number, course in enumerate(courses[:2]):
        infuse(course, date(2026, 10, 1 + number))

    def found(**filters: Any) -> list[int]:
        return [one.course_id for one in counted(coordinator, **filters).rows()]

    ids = [course.pk for course in courses]
    assert found() == ids
    assert found(infused_after=date(2026, 10, 2)) == ids[1:2]
    assert found(infused_before=date(2026, 10, 1)) == ids[:1]
    assert found(infused_after=date(2026, 10, 1), infused_before=date(2026, 10, 2)) == ids[:2]
    assert found(search="x2") == ids[2:]
    assert found(search="rossi") == ids
    assert found(product=courses[0].product, centre="NIG", protocol=protocol.code) == ids
    assert found(protocol=f"{protocol.code}:{protocol.version}") == ids
    for nothing in (
        {"protocol": f"{protocol.code}:99999999"}, {"protocol": f"{protocol.code}:x"},
        {"centre": "PAV"}, {"product": "another"}, {"search": "nobody"},
    ):  # fmt: skip
        assert found(**nothing) == []


def test_reading_is_recorded_and_who_reads_by_code_sees_no_free_text(
    coordinator: User, course: Course, user_with: UserWith, settings: Any
) -> None:
    settings.STUDY_CODES = ("Hospital",)
    enrol(course)
    for kind, values in (
        ("diagnosis", {"disease": f"B-ALL of {course.patient.family_name}"}),
        ("line", {"treatment": "GIMEMA LAL1913", "response": "CR, told by Dr Neri"}),
        ("transplant", {"kind": "allo", "on": "2025-03", "donor": "MUD", "conditioning": "RIC"}),
    ):
        add_entry(course_id=course.pk, kind=kind, values=values, actor=coordinator, now=LATER)
    (named,) = read_cohort(coordinator, CohortFilters(search="h"), now=LATER).rows()
    assert named.patient == course.patient.identifiers.get().value
    assert (named.response, named.allo_hsct) == ("CR, told by Dr Neri", "2025-03 MUD, RIC")
    event = AuditEvent.objects.latest("pk")
    assert (event.action, event.after) == ("cohort.read", {"search": "h", "courses": 1})
    manager = user_with("data_manager")
    coded = only(manager)
    assert (coded.patient, coded.response) == (course.code, None)
    assert (named.disease, coded.disease) == (f"B-ALL of {course.patient.family_name}", "[…]")
    assert (coded.first_line, coded.allo_hsct) == ("GIMEMA LAL1913", "2025-03 MUD, RIC")
    assert counted(manager, search=named.patient).rows() == []
    rates = {i.definition.code: i.rate for i in report_of(counted(manager)).indicators}
    assert rates["delay_burden"] is not None
    assert rates["delay_burden"].suppressed


def test_a_relapse_and_a_death_end_the_curves(coordinator: User, course: Course) -> None:
    enrol(infuse(course, date(2026, 9, 1)))
    values: dict[str, Any] = {"kind": "haematological", "on": "2026-10"}
    add_entry(course_id=course.pk, kind="relapse", values=values, actor=coordinator, now=LATER)
    one = only(coordinator)
    assert one.relapse_unclear
    assert one.event_free is None, "nobody knows the day"
    assert report_of(counted(coordinator)).curves[1].missing == 1
    course.relapses.update(in_error=True)
    tested = {"after_infusion": True, "cd19": "negative", "cd22": "positive"}
    for kind, on in (("molecular", "2026-09-20"), ("haematological", "2026-10-01")):
        values = {"kind": kind, "on": on, **tested}
        add_entry(course_id=course.pk, kind="relapse", values=values, actor=coordinator, now=LATER)
    one = only(coordinator)
    assert one.event_free == Time(30, event=True), "a molecular relapse is none"
    rates = {i.definition.code: i.rate for i in report_of(counted(coordinator)).indicators}
    assert rates["cd19_negative_relapse"] == Proportion(1, 1)
    record_death(
        patient_id=course.patient_id, died_on=date(2026, 11, 10), actor=coordinator, now=LATER
    )
    one = only(coordinator)
    assert one.overall == Time(70, event=True)
    rates = {i.definition.code: i.rate for i in report_of(counted(coordinator)).indicators}
    assert rates["mortality_100"] == Proportion(1, 1)
    assert rates["mortality_year"] == Proportion(0, 0, 1), "of nobody a year has passed"


def samples(course: Course, analyte: str, rows: list[tuple[int, str, str]]) -> None:
    """Values on days after the infusion, in units of the scales, with a comparator."""
    LabResult.objects.bulk_create(
        LabResult(
            course=course, analyte=analyte, on=str(DAY_ZERO + timedelta(days=day)),
            value=Decimal(value), unit="/uL", comparator=comparator,
            recorded_at=course.created_at, recorded_by="test",
        )
        for day, value, comparator in rows
    )  # fmt: skip


def test_days_of_neutropenia_and_aplasia_are_counted_in_sql_as_the_rules_count_them(
    coordinator: User, refer_patient: Refer
) -> None:
    chance = random.Random(20261112)
    until = DAY_ZERO + timedelta(days=70)
    expected = {}
    for number in range(60):
        course = enrol(infuse(refer_patient(coordinator, number=f"N{number}"), DAY_ZERO))
        days = sorted(chance.choices(range(71), k=chance.randint(1, 25)))
        neutrophils = [(day, str(chance.choice((0, 90, 499, 500, 501, 900, 2400)))) for day in days]
        cells = [(day, str(chance.choice((0, 19, 20, 35)))) for day in days]
        samples(course, "ANC", [(*row, "") for row in neutrophils])
        samples(course, "CD19", [(*row, "") for row in cells])
        low = neutropenic_days(
            [Sample(DAY_ZERO + timedelta(d), Fraction(v)) for d, v in neutrophils], DAY_ZERO, until
        )
        back = b_cell_aplasia(
            [(DAY_ZERO + timedelta(d), Decimal(v)) for d, v in cells], Decimal(20)
        )
        expected[course.pk] = (
            Value(None) if low.unknown else Value(low.days),
            None if back.start is None else Value(
                ((back.end or back.seen_until or until) - DAY_ZERO).days, censored=back.ongoing
            ),
        )  # fmt: skip
    found = counted(coordinator, datetime(2026, 12, 29, 12, tzinfo=UTC)).rows()
    assert {one.course_id: (one.neutropenia, one.aplasia) for one in found} == expected
    kinds = {
        (low.length is None, back is None, back and back.censored)
        for low, back in expected.values()
    }
    assert len(kinds) >= 4, "chance drew too little"


@pytest.mark.parametrize(
    ("rows", "days", "censored"),
    [
        ([(0, "400", "<"), (3, "600", "")], 2, True),  # on the line 500 on day 2: not below
        ([(0, "600", "<")], None, False),  # could be either
        ([(0, "300", ">")], None, False),
        ([(0, "600", ">")], 0, True),
        ([(9, "100", "")], None, False),  # nobody knows the first nine days
        ([(7, "100", "")], 8, True),
    ],
)
def test_limits_count_where_they_decide_and_a_window_that_runs_is_censored(
    coordinator: User, course: Course, rows: list[Any], days: int | None, censored: bool
) -> None:
    enrol(infuse(course, DAY_ZERO))
    samples(course, "ANC", rows)
    last = max(day for day, _value, _sign in rows)
    on = DAY_ZERO + timedelta(days=last)
    one = only(coordinator, datetime(on.year, on.month, on.day, 12, tzinfo=UTC))
    assert one.neutropenia == Value(days, censored)


def test_the_queries_are_the_same_for_few_and_for_many(
    coordinator: User, refer_patient: Refer
) -> None:
    costs = []
    for number in (2, 20):
        while Course.objects.count() < number:
            infuse(enrol(refer_patient(coordinator)))
        counted(coordinator)
        with CaptureQueriesContext(connection) as captured:
            found = counted(coordinator)
        assert len(found.rows()) == number
        costs.append(len(captured))
    assert costs[0] == costs[1]
    assert costs[1] <= BUDGET
    assert Anchor.objects.filter(kind="infusion").count() == 20
