"""The demo: the four published cases keep what is known, the ward is alive, nobody sees across."""

import re
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from statistics import median
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Q
from django.test import Client

from accounts.models import User
from audit.models import AuditEvent
from bench.generate import grow
from config.demo_data.assessed import PAPER
from config.demo_data.comparing import expected, published
from config.demo_data.people import STAFF
from pathway.models import (
    ApheresisAttempt,
    BridgingCourse,
    Change,
    ContainmentTherapy,
    Journey,
)
from patients.models import (
    Anchor,
    Antigen,
    Course,
    Hold,
    LabResult,
    MarrowResult,
    Patient,
    Relapse,
    Stay,
    Transplant,
)
from reminders.models import Reminder
from terms.day_numbers import add_months, whole_years_between
from terms.demo import DEMO_PASSWORD
from tests.demo.conftest import NOW
from toxicity.domain.b_cell_aplasia import b_cell_aplasia
from toxicity.domain.daily import Sample
from toxicity.domain.neutropenia import neutropenic_days
from toxicity.models import Assessment, Episode
from toxicity.scores.computing import asked_of, scores_of, screen_of

TODAY = date(2026, 11, 12)
UNNEEDED = ("cancelled", "skipped")


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]


def case(number: int) -> Course:
    """The course of a published case."""
    return Course.objects.select_related("patient").get(
        patient__identifiers__system="Case series", patient__identifiers__value=f"CASE-{number}"
    )


def cases() -> list[Course]:
    return [case(number) for number in range(1, 5)]


def day(course: Course, kind: str) -> date:
    found = Anchor.objects.get(course=course, kind=kind).actual_on
    assert found is not None
    return found


def test_the_cases_keep_days_from_enrolment_to_apheresis() -> None:
    lengths = [(day(one, "apheresis") - day(one, "enrolment")).days for one in cases()]
    assert lengths == [18, 12, 10, 10]
    assert (median(lengths), min(lengths), max(lengths)) == (11, 10, 18)


def test_the_cases_keep_the_length_of_stay_with_lymphodepletion_in_it() -> None:
    stays = [Stay.objects.get(course=one) for one in cases()]
    lengths = [(stay.ended_on - stay.began_on).days for stay in stays if stay.ended_on]
    assert lengths == [26, 21, 20, 18]
    assert (median(lengths), min(lengths), max(lengths)) == (20.5, 18, 26)
    for stay in stays:
        assert stay.began_on < day(stay.course, "lymphodepletion")
        assert stay.ended_on == day(stay.course, "discharge")


def test_the_cases_are_followed_for_the_months_of_the_paper() -> None:
    assert [day(one, "infusion") for one in cases()] == [
        add_months(TODAY, -months) for months in (16, 12, 11, 12)
    ]
    assert set(Journey.objects.filter(course__in=cases()).values_list("stage", "active")) == {
        ("follow_up", True)
    }


def test_lymphodepletion_runs_from_day_minus_4_to_day_minus_2() -> None:
    for one in cases():
        day_zero = day(one, "infusion")
        assert (day(one, "lymphodepletion") - day_zero).days == -4
        end = Change.objects.get(course=one, machine="lymphodepletion", target="complete")
        assert (end.happened_on - day_zero).days == -2


def test_the_cases_have_the_ages_of_the_text_at_the_infusion() -> None:
    ages = [whole_years_between(one.patient.birth_date, day(one, "infusion")) for one in cases()]
    assert ages == [64, 37, 76, 57]
    assert median(ages) == 60.5


def test_the_history_moves_by_whole_months_with_the_courses() -> None:
    # The cut-off of the paper, November 2025, becomes November 2026: everything moves a year.
    dates = {one: sorted(one.relapses.values_list("kind", "on")) for one in cases()}
    assert [list(found) for found in dates.values()] == [
        [("haematological", "2025-04"), ("molecular", "2024-06"), ("molecular", "2025-01")],
        [
            ("haematological", "2019-07"),
            ("haematological", "2025-03"),
            ("molecular", "2021-09"),
            ("mrd", ""),
        ],
        [("haematological", "2025-10")],
        [("refractory", "")],
    ]
    assert [one.diagnosiss.get().on for one in cases()] == [
        "2022",
        "2017-10",
        "2021-09",
        "2025-05",
    ]


def test_each_last_relapse_comes_before_its_enrolment() -> None:
    for relapse in Relapse.objects.filter(course__in=cases()).exclude(on=""):
        assert relapse.on <= day(relapse.course, "enrolment").isoformat()[: len(relapse.on)]


def test_containment_and_bridging_are_those_of_the_paper() -> None:
    given = Change.objects.filter(machine="containment", target="given", course__in=cases())
    assert [change.course for change in given] == [case(1)]
    assert ContainmentTherapy.objects.get(course=case(1)).drug == "vincristine"
    none = ContainmentTherapy.objects.filter(course__in=cases(), drug="").order_by("course__code")
    assert [one.course for one in none] == [case(2), case(3), case(4)]
    supportive = BridgingCourse.objects.get(course=case(2))
    assert (supportive.state, supportive.drug) == ("none", "steroid, transdermal opioids")
    bridged = BridgingCourse.objects.filter(course__in=cases()).exclude(state="none")
    known = bridged.order_by("course__code").values_list("response", flat=True)
    assert list(known) == ["unknown", "unknown", "stable"]
    assert {bridging.course for bridging in bridged} == {case(1), case(3), case(4)}
    assert {bridging.drug for bridging in bridged} == {"inotuzumab ozogamicin"}


def test_delays_carry_their_reasons_and_unknown_lengths() -> None:
    holds = Hold.objects.filter(course__in=cases()).order_by("course__code", "began_on")
    assert [(hold.course, hold.step, hold.reason_code) for hold in holds] == [
        (case(1), "apheresis", "PERSONAL"),
        (case(1), "lymphodepletion", "VIRAL_REACTIVATION_EBV"),
        (case(4), "bridging", "VIRAL_INFECTION_SARS_COV_2"),
    ]
    assert [hold.managed_with.split("/")[0] for hold in holds] == [
        "vincristine x1",
        "rituximab",
        "nirmatrelvir",
    ]
    for hold in holds:
        assert hold.ended_on is not None
        assert hold.planned_on is None  # days lost are not in the paper


def test_what_the_paper_does_not_say_is_not_there() -> None:
    known = {one: set(one.antigens.values_list("antigen", flat=True)) for one in cases()}
    assert list(known.values()) == [
        {"CD19", "CD22", "CD34", "CD38", "CD58", "CD123"},
        {"CD22"},
        {"CD22"},
        set(),
    ]
    assert Antigen.objects.filter(course__in=cases(), percent__isnull=False).count() == 0
    told = LabResult.objects.filter(course__in=cases(), source=PAPER).order_by("analyte")
    assert list(told.values_list("analyte", "typed", "on")) == [
        ("FERRITIN", "3536 ng/mL", ""),
        ("FIBRINOGEN", "118 mg/dL", ""),
    ]
    assert not ApheresisAttempt.objects.filter(course__in=cases()).exclude(cd3_yield=None).exists()
    assert not BridgingCourse.objects.filter(course__in=cases()).exclude(last_dose_on=None).exists()
    assert [one.patient.referring_hospital for one in cases()] == [""] * 4
    assert Transplant.objects.filter(course__in=(case(3), case(4))).count() == 0


def test_facts_say_whether_they_are_the_papers() -> None:
    for one in cases():
        assert {a.kind: a.source for a in one.anchors.all()} == {
            "enrolment": "case series",
            "apheresis": "case series",
            "lymphodepletion": "case series, day synthetic",
            "infusion": "case series",
            "discharge": "case series",
        }
        assert set(one.consents.values_list("source", flat=True)) == {"synthetic"}
    asked = Q(machine="product") | Q(details__has_key="din")
    demanded = Change.objects.filter(asked, transcribed=False)
    assert set(demanded.values_list("data_source", flat=True)) == {"synthetic"}


def test_marrows_are_monthly_and_negative_but_for_the_one_that_is_open() -> None:
    counts = [one.marrowresults.count() for one in cases()]
    assert counts == [15, 11, 11, 11]
    marrows = MarrowResult.objects.filter(course__in=cases())
    assert set(marrows.values_list("remission", "mrd", "blasts_percent")) == {
        ("cr", "negative", None)
    }
    overdue = Reminder.objects.filter(course__in=cases()).overdue(TODAY)
    assert [reminder.course for reminder in overdue] == [case(1)]


def test_the_schedule_of_the_cases_is_whole_and_asks_nothing_that_does_not_concern_them() -> None:
    def asked(item: str) -> list[Course]:
        rows = Reminder.objects.filter(course__in=cases(), item=item).exclude(status__in=UNNEEDED)
        return [one for one in cases() if rows.filter(course=one).exists()]

    assert asked("MRD_BLOOD") == [case(1)], "Philadelphia positive"
    assert asked("PET30") == asked("IMG90") == [case(2)], "disease outside the marrow"
    for item in ("CNS_IT", "VISIT_CLOSE", "REG_D100", "SECCANCER", "VACC_INACT", "NEAR_END"):
        assert asked(item) == cases(), item
    ahead = Reminder.objects.filter(course__in=cases(), status="open", due_on__gt=TODAY)
    assert {row.course for row in ahead} == set(cases())
    punctures = Reminder.objects.filter(course__in=cases(), item="CNS_IT")
    assert max((row.due_on - day(row.course, "infusion")).days for row in punctures) <= 365
    late = Reminder.objects.visible_to(User.objects.get(username="coordinator")).overdue(TODAY)
    assert late.exclude(course__in=cases()).values("course").distinct().count() >= 3


def test_the_ward_stands_at_every_stage() -> None:
    ward = Journey.objects.exclude(course__in=cases()).filter(centre__code="NORD")
    stages = sorted(ward.values_list("stage", "active"))
    assert stages == [
        ("apheresis", True),
        ("bridging", True),
        ("bridging", True),
        ("bridging", True),
        ("declined", False),
        ("eligibility", True),
        ("eligibility", True),
        ("follow_up", False),
        ("follow_up", True),
        ("follow_up", True),
        ("infusion", True),
        ("infusion", True),
        ("lymphodepletion", True),
        ("referral", True),
    ]
    assert Stay.objects.filter(ended_on=None, unit="icu").count() == 1
    assert Hold.objects.filter(ended_on=None).count() == 3


def test_nobody_sees_across() -> None:
    for user in User.objects.exclude(username__endswith="2"):
        own = user.working_centre
        assert {course.centre for course in Course.objects.visible_to(user)} == {own}
    other = User.objects.get(username="coordinator2")
    assert Patient.objects.visible_to(other).count() == 2
    assert Course.objects.visible_to(User.objects.get(username="coordinator")).count() == 18


def test_one_of_the_ward_is_young_and_under_the_second_protocol() -> None:
    young = Course.objects.select_related("patient").get(protocol__code="tisacel-young-all")
    assert (young.product, young.centre.code) == ("tisagenlecleucel", "NORD")
    assert whole_years_between(young.patient.birth_date, TODAY) == 11
    assert Course.objects.exclude(pk=young.pk).distinct("product").count() == 1


def test_every_login_of_the_page_signs_in() -> None:
    assert {person.username for person in STAFF} == {
        *("coordinator", "nurse", "nurse2", "physician", "physician2", "apheresis"),
        *("celllab", "pharmacist", "manager", "quality", "admin"),
    }
    users = User.objects.all()
    assert len({user.password for user in users}) == 1
    assert users[0].check_password(DEMO_PASSWORD)


def test_every_step_has_somebody_who_may_and_follows_the_one_before() -> None:
    last: dict[int, datetime] = {}
    for change in Change.objects.select_related("actor", "course").order_by("course", "sequence"):
        assert change.actor.roles
        assert change.actor.working_centre_id == change.course.centre_id
        assert change.happened_at <= change.recorded_at < NOW
        assert last.get(change.course_id, change.recorded_at) <= change.recorded_at
        last[change.course_id] = change.recorded_at
    moves = AuditEvent.objects.filter(action__endswith=".move").count()
    made = Change.objects.filter(cause="", transcribed=False).exclude(source="")
    assert moves == made.count()


def test_the_bench_multiplies_the_demo_into_sound_courses() -> None:
    with transaction.atomic():
        grow(200, 0, TODAY)
        stages = Counter(
            Journey.objects.filter(centre__code="NORD").values_list("stage", flat=True)
        )
        sizes = Counter(Change.objects.values_list("course", flat=True))
        reminders = Reminder.objects.filter(status="open")
        overdue = reminders.overdue(TODAY).count()
        transaction.set_rollback(True)
    assert stages.total() == 200
    before = stages.total() - stages["follow_up"] - stages["completed"] - stages["declined"]
    assert before - stages["lost"] <= stages.total() / 4
    assert len(sizes) == 202  # with the two of the other centre
    assert 25 <= median(sizes.values()) <= 40
    assert 0 < overdue < 40


def test_a_second_load_is_refused_and_if_empty_does_nothing() -> None:
    before = Course.objects.count()
    with pytest.raises(CommandError, match="data already"):
        call_command("load_demo")
    told = StringIO()
    call_command("load_demo", "--if-empty", stdout=told)
    assert "nothing loaded" in told.getvalue()
    assert Course.objects.count() == before


def test_one_patient_was_entered_with_her_past_and_shows_no_false_alarm() -> None:
    course = Course.objects.get(patient__family_name="Orlandi")
    assert course.transcribed_on is not None
    assert set(course.changes.values_list("transcribed", flat=True)) == {True}
    assert not course.anchors.filter(source="synthetic").exists()
    before = course.reminders.filter(closed_cause="before_percorso")
    assert before.exists()
    assert course.reminders.filter(status="done").count() == 0


def spans(course: Course, scale: str) -> list[tuple[int, int, int]]:
    """Peak, day of onset and days of the episodes of a scale; all of them are over."""
    rows = Episode.objects.filter(course=course, scale=scale).order_by("ordinal")
    assert all(row.ended_at is not None for row in rows)
    zero = day(course, "infusion")
    return [(row.peak, (row.onset_on - zero).days, row.days) for row in rows]


def values(course: Course, analyte: str) -> list[tuple[date, Decimal]]:
    """The counts of a course in their canonical unit, by day."""
    rows = course.labresults.filter(analyte=analyte, value__isnull=False).values_list("on", "value")
    return [(date.fromisoformat(on), value) for on, value in rows if value is not None]


def test_grades_onsets_and_durations_are_those_of_table_2() -> None:
    assert [spans(one, "crs") for one in cases()] == [[], [(1, 3, 4)], [(1, 0, 7)], [(1, 1, 3)]]
    assert [spans(one, "icans") for one in cases()] == [
        [(2, 1, 12)], [], [(2, 10, 3)], [(2, 5, 2)],
    ]  # fmt: skip
    assert [spans(one, "iec_hs") for one in cases()] == [[], [(2, 10, 1)], [], []]


def test_neutropenia_and_b_cell_aplasia_are_those_of_table_2() -> None:
    low, ended = [], []
    for one in cases():
        zero = day(one, "infusion")
        samples = [Sample(on, Fraction(value) * 1000) for on, value in values(one, "ANC")]
        counted = neutropenic_days(samples, zero, TODAY)
        assert counted.unknown == 0
        low.append(counted.days)
        found = b_cell_aplasia(values(one, "CD19"), Decimal(20))
        assert found.ongoing == (found.end is None)
        ended.append(found.end and (found.end.year - zero.year) * 12 + found.end.month - zero.month)
    assert low == [13, 7, 8, 12]
    assert ended == [5, 10, None, 6]


def test_the_scores_of_the_charts_are_those_of_table_2() -> None:
    low, months, grades = [], [], []
    for one in cases():
        asked = asked_of(one, today=TODAY)
        scores = {row.code: row.score for row in scores_of(asked) if row.score is not None}
        counted, _latest = scores["neutropenia"].parts
        assert counted.status == "final"
        low.append((counted.figures["days"], counted.figures["days_most"]))
        (cells,) = scores["b_cell_aplasia"].parts
        months.append((round(Decimal(str(cells.figures["months"]))), cells.figures["ongoing"]))
        grades.append([part.grade for part in scores["icaht"].parts])
        # The undated results that the paper prints are never taken for those of a day.
        assert all(used.result.on is not None for s in scores.values() for used in s.used)
    assert low == [(13, 13), (7, 7), (8, 8), (12, 12)]
    assert months == [(5, False), (10, False), (11, True), (6, False)]
    assert [early for early, _late in grades] == [2, 2, 2, 2]


def test_the_sickest_of_the_ward_has_a_risk_and_a_screen_and_one_at_home_an_igg() -> None:
    ill = Course.objects.get(patient__family_name="Pellegrini")
    asked = asked_of(ill, today=TODAY)
    scores = {row.code: row.score for row in scores_of(asked) if row.score is not None}
    (risk,) = scores["car_hematotox"].parts
    assert (risk.figures["score"], risk.figures["category"]) == (6, "high")
    assert len(scores["easix"].parts) == 5
    early = scores["icaht"].parts[0]
    assert (early.grade, early.status) == (3, "provisional")
    screen = screen_of(asked)
    assert screen is not None
    assert screen.found.limbs == ("ferritin", "transaminases", "fibrinogen")
    home = asked_of(Course.objects.get(patient__family_name="Vitale"), today=TODAY)
    (igg,) = next(row.score for row in scores_of(home) if row.code == "igg" and row.score).parts
    assert (igg.figures["hill"], igg.figures["aaaai"]) == (True, False)


def test_isolates_are_those_of_table_2_and_what_is_invented_says_so() -> None:
    found = [list(one.infections.values_list("organism", flat=True)) for one in cases()]
    assert found == [["e_coli"], [], [], ["s_epidermidis"]]
    checks = Assessment.objects.filter(course__in=cases(), signs__has_key="crs")
    assert set(checks.values_list("source", flat=True)) == {"synthetic"}


def reported(username: str, **filters: str) -> dict[str, Any]:
    """The cohort report as the API answers it to somebody of the demo."""
    client = Client()
    client.force_login(User.objects.get(username=username))
    with time_machine.travel(NOW, tick=False):
        answer = client.get("/api/v1/cohort/", filters)
        page = client.get("/cohort/", filters)
    assert (answer.status_code, page.status_code) == (200, 200)
    found: dict[str, Any] = answer.json()
    return found | {"page": page.text}


def as_printed(cell: str, value: Any) -> Any:
    """A cell of the report in the form of the data file: no day of a transplant, no empty parts."""
    if cell.endswith("allo_hsct"):
        return re.sub(r"\b\d{4}-\d{2} ", "", value)
    if isinstance(value, dict):
        return {
            name: part for name, part in value.items() if part is not None and part is not False
        }
    return value


def test_the_report_on_the_cases_is_the_published_tables_cell_by_cell() -> None:
    report = reported("coordinator", search="CASE")
    assert report["count"] == report["infused"] == 4
    compared = 0
    for table in ("table1", "table2"):
        for number, printed in published()[table].items():
            (row,) = [one for one in report[table] if one["patient"] == f"CASE-{number}"]
            for name, value in printed.items():
                cell = f"{table}.{number}.{name}"
                assert as_printed(cell, row[name]) == expected(cell, value), cell
                compared += 1
    assert compared == 4 * (8 + 10), "every column of both tables"


def test_the_report_on_the_cases_has_the_statistics_and_rates_of_the_text() -> None:
    report = reported("coordinator", search="CASE")
    for code, printed in published()["statistics"].items():
        found = report["statistics"][code]
        for name, value in printed.items():
            assert found[name] == expected(f"statistics.{code}.{name}", value), (code, name)
        assert found["missing"] == 0
    assert report["statistics"]["b_cell_aplasia_months"]["censored"] == 1
    assert report["statistics"]["b_cell_aplasia_months"]["longest_censored"] == 11
    assert report["statistics"]["age_years"]["median"] == 60.5
    assert report["survival"]["b_cell_aplasia"]["median_months"] == 6
    for code, (part, of) in published()["rates"].items():
        assert (report["kpis"][code]["n"], report["kpis"][code]["of"]) == (part, of), code
    assert "6 (5–10) months" in report["page"]
    assert "11+" in report["page"]


def test_the_report_on_the_ward_counts_all_and_tells_a_data_manager_codes_only() -> None:
    everybody = reported("coordinator")
    assert everybody["count"] > everybody["infused"] > 4
    assert everybody["kpis"]["attrition"]["missing"] > 0, "some are under way"
    coded = reported("manager")
    assert coded["count"] == everybody["count"]
    names = set(Patient.objects.values_list("family_name", flat=True))
    text = str({name: part for name, part in coded.items() if name != "page"}) + coded["page"]
    assert [name for name in names if name in text] == []
    assert "CASE-" not in text
    assert coded["kpis"]["icans_severe"]["suppressed"]
