"""Queries per page: within budget, and the same for five courses as for many."""

from datetime import time
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from config.demo_data.computing import computing
from pathway.models import Journey
from pathway.transitions import MoveOrder, advance
from patients.models import Course, LabResult, Stay
from reminders.appointment_models import Appointment
from reminders.laying import lay_out
from tests.conftest import PROTOCOL_FILE, Refer, UserWith, make_protocol, referring
from tests.toxicity_course import at, infuse
from tests.walking import Walk
from toxicity.models import Assessment, AssessmentGrade, Episode, Infection, Treatment

FEW, MANY = 5, 40
WITHOUT_CRS = {
    "temp_c": "36.8", "fever_other_cause": False, "fever_masked": False, "hypotension": False,
    "vasopressors": [], "o2_device": "none",
}  # fmt: skip
WITHOUT_ICANS = {
    "ice_total": 10, "arousal": "spontaneous", "seizure": "none", "deep_motor_weakness": False,
    "icp": "none",
}  # fmt: skip
ON_THE_FORM = {
    "temp_c": "36.8", "fever_other_cause": "no", "fever_masked": "no", "pressure": "normal",
    "o2_device": "none", "ice_total": "10", "arousal": "spontaneous", "seizure": "none",
    "deep_motor_weakness": "no", "icp": "none",
}  # fmt: skip
ANALYTES = ("CRP", "FERRITIN", "ANC", "PLT")
UNITS = ("mg/L", "ug/L", "10*9/L", "10*9/L")
BUDGETS = {
    "board": ("board", "", 12),
    "board table": ("board", "?view=table", 12),
    "board narrowed": ("board", "?mine=1&held=1&over=1&search=rossi", 12),
    "today": ("today", "?role=all", 12),
    "today of my roles": ("today", "", 12),
    "patient list": ("patient_list", "", 12),
    "calendar without entries": ("calendar", "?view=month", 12),
    "cohort of nobody enrolled": ("cohort", "", 12),
}


@pytest.fixture
def signed_in(coordinator: User) -> Client:
    """A coordinator's browser."""
    client = Client()
    client.force_login(coordinator)
    return client


@pytest.mark.parametrize("page", BUDGETS)
def test_a_list_page_costs_the_same_for_few_and_many(
    page: str, signed_in: Client, coordinator: User, refer_patient: Refer
) -> None:
    name, query, budget = BUDGETS[page]
    costs = []
    for number in (FEW, MANY):
        while Course.objects.count() < number:
            refer_patient(coordinator, coordinator_id=coordinator.pk)
        costs.append(_queries(signed_in, reverse(name) + query))
    assert costs[0] == costs[1]
    assert costs[1] <= budget, f"{page}: {costs[1]} queries, budget {budget}"


@pytest.mark.parametrize("view", ["list", "week", "month"])
def test_the_calendar_costs_the_same_for_few_entries_and_for_many(
    view: str, signed_in: Client, course: Course
) -> None:
    on = timezone.localdate()
    costs = []
    for number in (FEW, MANY):
        Appointment.objects.bulk_create(
            Appointment(
                course=course, kind="visit", on=on, at=time(number // 10 + 8, minute),
                made_at=course.created_at, made_by="test", changed_at=course.created_at,
                changed_by="test",
            )
            for minute in range(number)
        )  # fmt: skip
        costs.append(_queries(signed_in, f"{reverse('calendar')}?view={view}"))
    assert costs[0] == costs[1]
    assert costs[1] <= 12, f"{costs[1]} queries"


def test_the_course_page_costs_the_same_however_long_the_course(
    signed_in: Client, course: Course, user_with: UserWith
) -> None:
    walk = Walk(course, user_with)
    address = reverse("course", args=[course.pk])
    before = _queries(signed_in, address)
    walk.to_follow_up()
    assert Journey.objects.get(course=course).stage == "follow_up"
    after = _queries(signed_in, address)
    # The grades of the first days, the episodes, and what was seen up to the infusion: whether its
    # day stands is asked of the facts as they were then.
    assert after == before + 3
    assert after <= 24, f"{after} queries with the audit of the reading"


def test_the_course_page_of_a_centre_that_computes_stays_within_its_queries(
    client: Client, coordinator: User, user_with: UserWith
) -> None:
    protocol = make_protocol(computing(PROTOCOL_FILE.read_bytes()))
    walk = Walk(referring(protocol)(coordinator), user_with).to_follow_up()
    reader = user_with("coordinator", username="reads-much")
    costs = {}
    for day in (15, 45):
        with time_machine.travel(walk.at(day), tick=False):
            client.force_login(reader)
            costs[day] = _queries(client, reverse("course", args=[walk.course.pk]))
    assert costs[15] == costs[45] + 1, "IEC-HS is looked for in the results of the first days"
    assert max(costs.values()) <= 25, f"{costs} queries with the audit of the reading"


def test_a_move_with_all_that_it_brings_stays_within_its_queries(
    course: Course, user_with: UserWith
) -> None:
    walk = Walk(course, user_with).prepare().until(-40)
    walk.by("coordinator").permissions  # noqa: B018 - read once per request
    order = MoveOrder("eligibility", walk.tick())
    with CaptureQueriesContext(connection) as captured:
        advance(course_id=course.pk, order=order, actor=walk.by("coordinator"), now=walk.now)
    frame = ("SAVEPOINT", "RELEASE")  # those that begin, save and end are not counted
    asked = [query["sql"] for query in captured if not query["sql"].startswith(frame)]
    assert len(asked) <= 25, f"{len(asked)} queries"


@pytest.mark.parametrize("way", ["api", "page"])
def test_saving_a_check_stays_within_its_queries_at_every_moment(
    way: str, coordinator: User, user_with: UserWith
) -> None:
    course = referring(make_protocol(computing(PROTOCOL_FILE.read_bytes())))(coordinator)
    nurse = user_with("ward_nurse")
    lay_out([infuse(course)], actor=nurse, now=at(course, 0))
    hot, mute = {"temp_c": "38.6"}, {"arousal": "tactile"}
    costs = {}
    for moment, day, hour, said in (
        ("first of all", 0, 8, {}),
        ("one more", 0, 16, {}),
        ("CRS begins", 1, 8, hot),
        ("ICANS begins", 2, 8, hot | mute),  # the ban on driving moves, people are told
        ("both go on", 2, 16, hot | mute),
        ("well", 3, 8, {}),
        ("both are over", 4, 9, {}),
        ("both begin once more", 6, 9, hot | {"o2_device": "hfnc", "seizure": "prolonged"}),
    ):
        with time_machine.travel(at(course, day, hour), tick=False):
            costs[moment] = _saving(way, course, nurse, said)
    asked = [sql for sql in costs["ICANS begins"] if 'UPDATE "reminders_reminder"' in sql]
    assert asked, "the ban on driving moves"
    told = [sql for sql in costs["both begin once more"] if 'INTO "reminders_notice"' in sql]
    assert (len(told), told[0].count("high_grade")) == (1, 2)
    found = {moment: len(queries) for moment, queries in costs.items()}
    assert max(found.values()) <= 20, found


def _saving(way: str, course: Course, nurse: User, said: dict[str, str]) -> list[str]:
    """What is asked when a check of this moment is sent, but for what begins, saves and ends."""
    client, when = Client(), f"{timezone.localtime(timezone=course.centre.zone):%d-%b-%Y %H:%M}"
    client.force_login(nurse)
    client.get(reverse("check_new", args=[course.pk]))  # from here on the session is marked
    key = str(uuid4())
    with CaptureQueriesContext(connection) as captured:
        if way == "page":
            sent = ON_THE_FORM | {"key": key, "observed_at": when} | said
            answer = client.post(reverse("check_new", args=[course.pk]), sent)
        else:
            signs = {"crs": WITHOUT_CRS, "icans": WITHOUT_ICANS}
            body = {scale: of | {n: v for n, v in said.items() if n in of}
                    for scale, of in signs.items()}  # fmt: skip
            answer = client.post(
                reverse("api_assessments", args=[course.pk]),
                body | {"observed_at": timezone.now().isoformat()},
                content_type="application/json",
                headers={"Idempotency-Key": key},
            )
    assert answer.status_code == {"page": 302, "api": 201}[way], answer.content
    frame = ("SAVEPOINT", "RELEASE")
    return [query["sql"] for query in captured if not query["sql"].startswith(frame)]


def test_the_flowsheet_costs_the_same_for_few_checks_and_for_many(
    signed_in: Client, course: Course, user_with: UserWith
) -> None:
    infuse(course)
    costs = []
    with time_machine.travel(at(course, 30), tick=False):
        signed_in.force_login(user_with("coordinator", username="reads-much"))
        for checks, labs in ((FEW, FEW), (500 - FEW, 2000 - FEW)):
            _add_toxicity(course, checks, labs)
            for name in ("flowsheet", "api_flowsheet", "swimlane"):
                costs.append(_queries(signed_in, reverse(name, args=[course.pk])))
    assert Assessment.objects.count() == 500
    assert LabResult.objects.count() == 2000
    assert costs[:3] == costs[3:]
    assert max(costs) <= 15, f"{costs} queries with the audit of the reading"


def test_scores_cost_the_same_for_few_results_and_for_many(
    client: Client, coordinator: User, user_with: UserWith
) -> None:
    protocol = make_protocol(computing(PROTOCOL_FILE.read_bytes()))
    course = infuse(referring(protocol)(coordinator))
    costs = []
    with time_machine.travel(at(course, 30), tick=False):
        client.force_login(user_with("coordinator", username="reads-much"))
        for labs in (FEW, 2000 - FEW):
            _add_toxicity(course, FEW, labs)
            costs.append(_queries(client, reverse("scores", args=[course.pk])))
        costs.append(_queries(client, reverse("api_scores", args=[course.pk])))
    assert LabResult.objects.count() == 2000
    assert costs[0] == costs[1]
    assert max(costs) <= 12, f"{costs} queries with the audit of the reading"


@pytest.mark.parametrize("address", ["cohort", "api_cohort"])
def test_the_cohort_report_costs_the_same_for_few_courses_and_for_many(
    address: str, signed_in: Client, coordinator: User, refer_patient: Refer
) -> None:
    costs = []
    for number in (FEW, MANY):
        while Course.objects.count() < number:
            course = infuse(refer_patient(coordinator))
            Journey.objects.filter(course=course).update(stage="follow_up")
        _add_toxicity(course, FEW, FEW)
        costs.append(_queries(signed_in, reverse(address)))
    assert costs[0] == costs[1]
    assert costs[1] <= 20, f"{costs[1]} queries with the frame and the audit of the reading"


def _add_toxicity(course: Course, checks: int, labs: int) -> None:
    """Checks with grades, results, doses, infections and stays spread over thirty days."""
    spread = [at(course, number * 30 // checks, number % 24) for number in range(checks)]
    by = {"course": course, "recorded_by": "test"}
    rows = Assessment.objects.bulk_create(
        Assessment(observed_at=when, received_at=when, temp_c=Decimal("37.2"), **by)
        for when in spread
    )
    AssessmentGrade.objects.bulk_create(
        AssessmentGrade(
            assessment=row, scale=scale, grade=1, status="final", origin="computed",
            rule_version="test", graded_at=row.observed_at,
        )
        for row in rows
        for scale in ("crs", "icans", "iec_hs")
    )  # fmt: skip
    LabResult.objects.bulk_create(
        LabResult(
            on=at(course, number % 30).date().isoformat(), analyte=ANALYTES[number % 4],
            value=number + 1, unit=UNITS[number % 4], recorded_at=course.created_at, **by,
        )
        for number in range(labs)
    )  # fmt: skip
    Treatment.objects.bulk_create(
        Treatment(drug="dexamethasone", given_at=when, dose=10, unit="mg", purpose="icans",
                  received_at=when, **by)
        for when in spread
    )  # fmt: skip
    Infection.objects.bulk_create(
        Infection(organism="e_coli", site="blood", began_on=when.date(), ended_on=when.date(),
                  received_at=when, **by)
        for when in spread[:20]
    )  # fmt: skip
    earlier = Episode.objects.filter(course=course).count()
    Episode.objects.bulk_create(
        Episode(course=course, scale="crs", ordinal=earlier + number, onset_at=when, last_at=when,
                onset_on=when.date(), last_on=when.date(), peak=1, peak_at=when)
        for number, when in enumerate(spread[:20], start=1)
    )  # fmt: skip
    Stay.objects.bulk_create(
        Stay(began_on=when.date(), ended_on=when.date(), recorded_at=when, **by) for when in spread
    )


def _queries(client: Client, address: str) -> int:
    client.get(address)  # what is kept in memory, such as parsed protocols, is read once
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
    assert response.status_code == 200
    return len(captured)
