"""Indicators from the rows that they rest on: products, the bedside, doses, ICAHT, deviations."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client

from accounts.models import User
from config.demo_data.computing import computing
from exports.cohort import CohortFilters, cohort
from exports.cohort_facts import read_courses
from exports.cohort_report import report_of
from exports.domain.counted import Counted
from exports.domain.summaries import Proportion, Summary
from pathway.models.papers import Incident
from patients.correcting import correct_entry
from patients.models import Course
from tests.conftest import PROTOCOL_FILE, UserWith, make_protocol, referring
from tests.services.test_cohort import LATER, enrol, only, samples
from tests.services.test_counting import kept
from tests.services.test_giving import DEXA
from tests.toxicity_course import HOT, WELL, at, infuse, log
from tests.walking import DAY_ZERO, Walk
from toxicity.given_refusals import GivenDose, InfectionFacts
from toxicity.giving import give_treatment
from toxicity.infections import record_infection
from toxicity.models import Treatment


def lengths(user: User, now: datetime) -> dict[str, Summary]:
    found = report_of(cohort(user, CohortFilters(), now=now)).indicators
    return {one.definition.code: one.length for one in found if one.length}


def rates(user: User, now: datetime) -> dict[str, Proportion]:
    found = report_of(cohort(user, CohortFilters(), now=now)).indicators
    return {one.definition.code: one.rate for one in found if one.rate}


@pytest.mark.walked("to_follow_up")
def test_a_product_is_followed_from_the_collection_to_the_bedside(
    walk: Walk, client: Client
) -> None:
    actor, now = walk.by("coordinator"), walk.now
    told, of = lengths(actor, now), rates(actor, now)
    assert told["manufacturing_turnaround"] == Summary(1, 0, 0, 0, 0, 0)  # all told on one day
    assert told["vein_to_vein"].median == 30
    assert told["collection_to_receipt"].n == 1
    assert (told["thaw_to_infusion"].n, told["thaw_to_infusion"].missing) == (0, 1)
    assert of["thaw_in_time"] == Proportion(0, 0, 1)
    assert of["bedside_check"] == Proportion(1, 1)
    assert of["out_of_specification"] == of["wastage"] == Proportion(0, 1)
    assert of["incidents"] == Proportion(0, 1)
    assert of["attrition_bridging"] == Proportion(0, 1)
    known = of["data_quality"]
    assert (known.part, known.of) == (9, 15)  # of the tables' cells that apply
    what = {"happened_on": str(DAY_ZERO), "description": "a broken bag"}
    for category in ("container", "container", "infusion"):
        walk.paper("product", "incident", **what, category=category)
    pk = walk.latest("product").pk
    Incident.objects.create(**what, product_id=pk, recorded_at=walk.now, recorded_by="x")
    walk.paper(
        "product", "administration", "ward_nurse",
        thaw_ended_at="2026-10-20T09:00",
        infusion_started_at="2026-10-20T09:55",
    )  # fmt: skip
    assert lengths(actor, walk.now)["thaw_to_infusion"].median == 55
    assert rates(actor, walk.now)["thaw_in_time"] == Proportion(0, 1)
    kept(actor, walk.now)
    of = rates(actor, walk.now)
    assert of["incidents"] == Proportion(4, 1)
    assert {code: one for code, one in of.items() if code.startswith("incidents_category")} == {
        "incidents_category_container": Proportion(2, 1),
        "incidents_category_infusion": Proportion(1, 1),
        "incidents_category_unknown": Proportion(1, 1),
    }
    client.force_login(actor)
    said = client.get("/api/v1/cohort/").json()["kpis"]["incidents_category_container"]
    assert said["label"] == "Incidents by category: Bag or container damaged"
    assert (said["n"], said["of"], said["per_100"]) == (2, 1, 200)


def test_latency_is_counted_from_grade_2_to_the_first_dose_after_it(
    coordinator: User, user_with: UserWith
) -> None:
    protocol = make_protocol(computing(PROTOCOL_FILE.read_bytes()))
    course = enrol(infuse(referring(protocol)(coordinator)))
    nurse = user_with("ward_nurse")
    log(course, nurse, 1, crs=HOT)
    log(course, nurse, 2, hour=8, crs=replace(HOT, hypotension=True, vasopressors=frozenset()))
    assert only(coordinator, at(course, 4)).latency_hours is None
    late = GivenDose("tocilizumab", at(course, 2, 13), "crs", Decimal(560), "mg", route="iv")
    given = give_treatment(course_id=course.pk, given=late, actor=nurse, now=at(course, 3),
                           confirmed=("dose_unchecked", "weight_unknown"))  # fmt: skip
    assert isinstance(given, Treatment)
    for hour in (9, 15):
        dose = replace(DEXA, given_at=at(course, 2, hour))
        give_treatment(course_id=course.pk, given=dose, actor=nurse, now=at(course, 3))
    log(course, nurse, 4, crs=WELL)
    told = lengths(coordinator, at(course, 5))
    assert told["tocilizumab_latency"] == Summary(1, 0, 0, 5, 5, 5)
    assert told["tocilizumab_doses"].median == 1
    assert told["dexamethasone_dose"].median == 80  # twice four times 10 mg
    for purpose, day in (("prevention", 2), ("other", 3), ("crs", -1)):
        dose = replace(DEXA, given_at=at(course, day, 11), purpose=purpose)
        give_treatment(course_id=course.pk, given=dose, actor=nurse, now=at(course, 4),
                       confirmed=("before_infusion",))  # fmt: skip
    told = lengths(coordinator, at(course, 5))
    assert told["dexamethasone_dose"].median == 80, "those were not for a toxicity of the infusion"
    assert told["steroid_dose"] == Summary(1, 0, 0, 80, 80, 80)
    more = [("methylprednisolone", 2), ("methylprednisolone", 3)]
    Treatment.objects.bulk_create(
        Treatment(course=course, drug=drug, given_at=at(course, day), purpose="icans", dose=1,
                  unit="g", received_at=at(course, 5), recorded_by="test")
        for drug, day in more
    )  # fmt: skip
    assert lengths(coordinator, at(course, 5))["steroid_dose"].median == 455  # and 2 g, by 0.75/4
    kept(coordinator, at(course, 5))
    with patch("exports.cohort_facts.settings_if_readable", return_value=None):
        (unread,) = read_courses([course.pk], at(course, 5).date(), course.centre.time_zone)
    assert (unread.dexamethasone_mg, unread.steroids_mg) == (80, None)
    Treatment.objects.bulk_create(
        [Treatment(course=course, drug="dexamethasone", given_at=at(course, 4), purpose="crs",
                   received_at=at(course, 5), recorded_by="test")]
    )  # fmt: skip
    assert lengths(coordinator, at(course, 5))["dexamethasone_dose"] == Summary(
        0, 1, 0, None, None, None
    )
    assert lengths(coordinator, at(course, 5))["steroid_dose"] == Summary(0, 1, 0, None, None, None)


def test_a_steroid_without_an_equal_dose_makes_the_sum_missing(
    coordinator: User, course: Course
) -> None:
    enrol(infuse(course))

    def given(drug: str, **said: Any) -> None:
        Treatment.objects.create(course=course, drug=drug, given_at=at(course, 2), purpose="crs",
                                 received_at=at(course, 3), recorded_by="test", **said)  # fmt: skip

    assert "steroid_dose" in lengths(coordinator, at(course, 3))
    assert lengths(coordinator, at(course, 3))["steroid_dose"].n == 0
    given("methylprednisolone", dose=80, unit="mg")
    assert lengths(coordinator, at(course, 3))["steroid_dose"].median == 15
    given("other_steroid", dose=25, unit="mg")
    told = lengths(coordinator, at(course, 3))["steroid_dose"]
    assert (told.n, told.missing) == (0, 1)


@pytest.mark.parametrize(
    ("counts", "severe"),
    [
        ([(day, "400", "") for day in range(15)], True),  # fifteen days at or below 500
        ([(day, "2400", "") for day in range(0, 101, 5)], False),
        ([(day, "2400", "") for day in range(0, 31, 5)], None),  # nobody looked after day 30
        ([(0, "2400", ""), (28, "2400", ""), (40, "90", "")], None),  # a value alone
        ([(0, "2400", ""), (40, "90", ""), (50, "400", "")], True),
        ([], None),
    ],
)
def test_icaht_is_severe_early_or_late_and_not_where_somebody_could_not_know(
    coordinator: User, counts: list[tuple[int, str, str]], severe: bool | None
) -> None:
    protocol = make_protocol(computing(PROTOCOL_FILE.read_bytes()))
    course = enrol(infuse(referring(protocol)(coordinator), DAY_ZERO))
    samples(course, "ANC", counts)
    later = LATER + timedelta(days=90)
    assert only(coordinator, later).icaht_severe is severe
    kept(coordinator, later)


def test_steroids_are_counted_that_were_given_for_toxicity(
    coordinator: User, course: Course, user_with: UserWith
) -> None:
    enrol(infuse(course, DAY_ZERO))
    nurse = user_with("ward_nurse")
    for purpose, steroids in (("prevention", 0), ("other", 0), ("icans", 1)):
        dose = replace(DEXA, given_at=at(course, 2), purpose=purpose)
        give_treatment(course_id=course.pk, given=dose, actor=nurse, now=at(course, 3),
                       confirmed=("same_time",))  # fmt: skip
        assert rates(coordinator, LATER)["steroids"] == Proportion(steroids, 1)


def test_icaht_that_the_protocol_does_not_compute_is_not_known(
    coordinator: User, course: Course
) -> None:
    enrol(infuse(course, DAY_ZERO))
    samples(course, "ANC", [(day, "400", "") for day in range(15)])
    assert only(coordinator).icaht_severe is None
    assert rates(coordinator, LATER)["icaht_severe"] == Proportion(0, 0, 1)


def test_a_further_infusion_of_the_patient_counts_for_the_first_course(coordinator: User) -> None:
    refer = referring(make_protocol(computing(PROTOCOL_FILE.read_bytes())))
    first = enrol(infuse(refer(coordinator), DAY_ZERO))
    well = [(day, "2400", "") for day in range(0, 46, 5)]
    samples(first, "ANC", [*well, (60, "90", ""), (61, "90", "")])
    later = LATER + timedelta(days=90)

    def one(course: Course) -> Counted:
        return next(row for row in kept(coordinator, later).rows() if row.course_id == course.pk)

    assert one(first).icaht_severe
    second = enrol(refer(coordinator, number="OTHER"))
    kept(coordinator, later)
    Course.objects.filter(pk=second.pk).update(patient=first.patient)
    infuse(second, DAY_ZERO + timedelta(days=50))
    assert one(first).icaht_severe is False, "the counting ended before"


def test_a_fact_corrected_after_the_end_is_counted(walk: Walk) -> None:
    walk.to_eligibility().go("withdrawn", reason="asked to")
    actor = walk.by("haematologist")
    assert rates(actor, walk.now)["corrected_late"] == Proportion(0, 1)
    line = walk.course.therapylines.get()
    correct_entry(course_id=walk.course.pk, kind="line", entry_id=line.pk, reason="misread",
                  values={"treatment": "another", "on": "2024"}, actor=actor,
                  now=walk.tick() + timedelta(days=2))  # fmt: skip
    assert rates(actor, walk.now + timedelta(days=3))["corrected_late"] == Proportion(1, 1)
    assert rates(actor, walk.now)["attrition_eligibility"] == Proportion(1, 1)


def test_an_organism_that_nobody_listed_may_be_a_bacterium(
    coordinator: User, course: Course, user_with: UserWith
) -> None:
    enrol(infuse(course, DAY_ZERO))
    samples(course, "ANC", [(40, "2400", "")])  # followed that long
    about: dict[str, Any] = {
        "course_id": course.pk, "actor": user_with("ward_nurse"), "now": LATER,
    }  # fmt: skip
    assert rates(coordinator, LATER)["bacteraemia_30"] == Proportion(0, 1)
    for organism, site, found in (
        ("candida", "blood", (0, 1, 0)), ("none_found", "blood", (0, 1, 0)),
        ("other", "lung", (0, 1, 0)), ("other", "blood", (0, 0, 1)),
        ("s_epidermidis", "catheter", (1, 1, 0)),
    ):  # fmt: skip
        name = "Streptococcus mitis" if organism == "other" else ""
        infection = InfectionFacts(
            DAY_ZERO + timedelta(days=9), organism, site, 3, other_organism=name
        )
        record_infection(**about, infection=infection)
        assert rates(coordinator, LATER)["bacteraemia_30"] == Proportion(*found), organism
    kept(coordinator, LATER)


@pytest.mark.parametrize(
    ("value", "comparator", "low"),
    [
        ("399", "", True), ("400", "", False), ("400", "<", True), ("700", "<", None),
        ("400", ">", False), ("300", ">", None),
    ],
)  # fmt: skip
def test_a_limit_of_immunoglobulin_says_what_it_decides(
    coordinator: User, course: Course, value: str, comparator: str, low: bool | None
) -> None:
    enrol(infuse(course, DAY_ZERO))
    samples(course, "IGG", [(30, "900", ""), (60, value, comparator)])
    course.labresults.update(unit="mg/dL")
    assert only(coordinator, LATER + timedelta(days=30)).igg_low is low
