"""Bedside checks in the API: what comes back, what is stored once, what is refused in words."""

from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from config.demo_data.computing import computing
from patients.models import Course
from protocol.models import Protocol
from tests.conftest import PROTOCOL_FILE, UserWith, make_protocol
from tests.toxicity_course import at, infuse
from toxicity.models import Assessment

pytestmark = pytest.mark.django_db
CHECK: dict[str, Any] = {
    "observed_at": "2026-11-04T12:00:00+01:00",
    "crs": {
        "temp_c": "38,6", "fever_other_cause": False, "hypotension": False, "vasopressors": [],
        "o2_device": "nasal_cannula", "o2_flow_lpm": 2,
    },
    "icans": {
        "ice_total": 6, "arousal": "spontaneous", "seizure": "none",
        "deep_motor_weakness": False, "icp": "none",
    },
    "remark": "drowsy after lunch",
}  # fmt: skip


@pytest.fixture
def protocol(db: None) -> Protocol:
    """A centre that has its grades computed."""
    return make_protocol(computing(PROTOCOL_FILE.read_bytes()))


@pytest.fixture
def course(course: Course) -> Course:
    """A course after its infusion."""
    return infuse(course)


@pytest.fixture
def nurse(user_with: UserWith, client: Client) -> User:
    """A ward nurse, signed in."""
    user = user_with("ward_nurse")
    client.force_login(user)
    return user


def post(client: Client, path: str, body: Any, key: object = None) -> Any:
    headers = {} if key is None else {"Idempotency-Key": str(key)}
    return client.post(f"/api/v1/{path}", body, content_type="application/json", headers=headers)


def test_a_check_goes_in_and_its_grades_come_back(
    client: Client, course: Course, nurse: User
) -> None:
    answer = post(client, f"courses/{course.pk}/assessments/", CHECK)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["crs"]["grade"], told["icans"]["grade"], told["iec_hs"]) == (2, 2, None)
    assert told["crs"]["signs"]["temp_c"] == "38.6"
    assert told["told"] == ["crs", "icans"]
    listed = client.get(f"/api/v1/courses/{course.pk}/assessments/").json()
    assert listed["results"] == [{name: told[name] for name in told if name != "told"}]
    assert told["remark"] == "drowsy after lunch"
    episodes = client.get(f"/api/v1/courses/{course.pk}/episodes/").json()["results"]
    assert [(row["scale"], row["onset_day"], row["days"], row["ongoing"]) for row in episodes] == [
        ("crs", 3, 1, True), ("icans", 3, 1, True),
    ]  # fmt: skip


def test_a_check_costs_the_same_queries_whatever_was_logged_before(
    client: Client, course: Course, nurse: User
) -> None:
    path, costs = f"courses/{course.pk}/assessments/", []
    for minute in range(10, 50):
        body = CHECK | {"observed_at": f"2026-11-04T12:{minute}:00+01:00"}
        with CaptureQueriesContext(connection) as captured:
            assert post(client, path, body).status_code == 201
        asked = [query["sql"].split()[0] for query in captured.captured_queries]
        costs.append(len(asked) - sum(map(asked.count, ("SAVEPOINT", "RELEASE"))))
    # The first ones open the episodes and tell the doctors.
    assert costs[4] == costs[-1] <= 20


def test_whether_a_drug_hides_the_fever_is_yes_no_or_null_and_another_drug_says_it(
    client: Client, course: Course, nurse: User
) -> None:
    path = f"courses/{course.pk}/assessments/"
    low: dict[str, Any] = {**CHECK["crs"], "temp_c": 37, "hypotension": True}
    post(client, path, CHECK)
    found = []
    answers: list[dict[str, Any]] = [{"fever_masked": None}, {}, {"fever_masked": False}]
    for hour, more in enumerate(answers, start=13):
        when = {"observed_at": f"2026-11-04T{hour}:00:00+01:00"}
        found.append(post(client, path, CHECK | when | {"crs": low | more}).json()["crs"])
    assert [(one["grade"], one["status"]) for one in found] == [
        (2, "provisional"), (2, "provisional"), (0, "final"),
    ]  # fmt: skip
    assert [one["signs"].get("fever_masked") for one in found] == [None, None, False]
    assert "masking_needed" in {one["code"] for one in found[0]["warnings"]}
    odd = post(client, path, CHECK | {"crs": low | {"fever_masked": "no"}})
    assert (odd.status_code, odd.json()["reasons"][0]["field"]) == (400, "crs.fever_masked")
    given = {"given_at": "2026-11-04T12:30:00+01:00", "purpose": "crs", "dose": 1, "unit": "g"}
    named = {"drug": "other", "other_drug": "Metamizole", "hides_fever": "yes"}
    made = post(client, f"courses/{course.pk}/treatments/", given | named).json()
    assert (made["drug"], made["hides_fever"]) == ("other", "yes")
    listed = client.get(f"/api/v1/courses/{course.pk}/assessments/").json()["results"]
    assert [(one["crs"]["grade"], one["crs"]["status"]) for one in listed] == [(2, "final")] * 4
    for drug in ("antipyretic", "other_steroid", "ruxolitinib"):
        told = post(client, f"courses/{course.pk}/treatments/", given | {"drug": drug})
        assert (told.status_code, told.json()["hides_fever"]) == (201, "")


def test_a_late_first_onset_says_so(client: Client, course: Course, nurse: User) -> None:
    late = CHECK | {"observed_at": "2026-11-16T12:00:00+01:00"}
    with time_machine.travel(at(course, 15, 13), tick=False):
        client.force_login(nurse)
        told = post(client, f"courses/{course.pk}/assessments/", late).json()
    said = {one["code"]: one["message"] for one in told["crs"]["warnings"]}
    assert said["late_onset"].startswith("First signs on day 15, usual up to day 14")
    assert "late_onset" not in {one["code"] for one in told["icans"]["warnings"]}  # 28 days


def test_the_same_key_is_answered_again_and_stored_once(
    client: Client, course: Course, nurse: User
) -> None:
    path, key = f"courses/{course.pk}/assessments/", uuid4()
    first, second = (post(client, path, CHECK, key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    # Whoever lost the first answer is told by the second that people were told.
    assert first.json() == second.json()
    assert second.json()["told"] == ["crs", "icans"]
    other = post(client, path, CHECK | {"remark": "another"}, key)
    assert (other.status_code, other.json()["reasons"][0]["code"]) == (422, "key_reused")
    assert post(client, path, CHECK, "not a key").status_code == 400
    assert Assessment.objects.count() == 1


@pytest.mark.parametrize("temp", ["abc", "386", "1.234", -1, "NaN", True, [38]])
def test_a_temperature_that_cannot_be_read_is_no_grade(
    client: Client, course: Course, nurse: User, temp: Any
) -> None:
    body = CHECK | {"crs": {"temp_c": temp}}
    answer = post(client, f"courses/{course.pk}/assessments/", body)
    assert answer.status_code == 400
    assert [reason["field"] for reason in answer.json()["reasons"]] == ["crs.temp_c"]
    assert not Assessment.objects.exists()


def test_a_check_is_corrected_reviewed_and_taken_back(
    client: Client, course: Course, nurse: User, haematologist: User, user_with: UserWith
) -> None:
    path = f"courses/{course.pk}/assessments/"
    made = post(client, path, CHECK).json()
    cool = CHECK | {"crs": CHECK["crs"] | {"temp_c": 37}, "reason": "read wrongly"}
    fixed = post(client, f"{path}{made['id']}/corrections/", cool).json()
    assert (fixed["crs"]["grade"], fixed["replaces"], fixed["reason"]) == (
        0, made["id"], "read wrongly",
    )  # fmt: skip
    client.force_login(haematologist)
    said = {"verdict": "overridden", "grade": 1, "reason": "aphasia before"}
    reviewed = post(client, f"grades/{fixed['icans']['id']}/reviews/", said)
    assert reviewed.status_code == 201
    icans = reviewed.json()["icans"]
    assert (icans["grade"], icans["found"], icans["review"]["reason"]) == (1, 2, "aphasia before")
    client.force_login(user_with("haematologist", username="second"))
    path_of_reviews = f"grades/{fixed['icans']['id']}/reviews/"
    unread = post(client, path_of_reviews, {"verdict": "confirmed"})
    assert (unread.status_code, unread.json()["code"]) == (409, "overtaken")
    assert unread.json()["standing"] == icans["review"]
    read = {"verdict": "confirmed", "answers": icans["review"]["id"]}
    assert post(client, path_of_reviews, read).json()["icans"]["review"]["verdict"] == "confirmed"
    back = said | {"answers": post(client, path_of_reviews, read).json()["icans"]["review"]["id"]}
    assert post(client, path_of_reviews, back).status_code == 201
    client.force_login(user_with("data_manager"))
    (coded,) = client.get(f"/api/v1/{path}").json()["results"]
    assert (coded["remark"], coded["recorded_by"], coded["reason"]) == (None, None, None)
    assert (coded["icans"]["review"]["by"], coded["icans"]["review"]["reason"]) == (None, None)
    client.force_login(nurse)
    away, why = f"{path}{fixed['id']}/withdrawal/", {"reason": "another bed"}
    judged = post(client, away, why)  # a haematologist's word would go with it
    assert (judged.status_code, judged.json()["reasons"][0]["code"]) == (422, "word_would_go")
    client.force_login(haematologist)
    assert post(client, away, why).status_code == 204
    assert client.get(f"/api/v1/{path}").json()["count"] == 0


@pytest.mark.parametrize(
    "said",
    [{"crs": {}}, {"icans": {"ice_year": None, "age_years": 61}}, {"iec_hs": {"over": False}},
     {"crs": {"temp_c": None}, "icans": {}, "iec_hs": None}],
)  # fmt: skip
def test_a_scale_of_which_nothing_is_said_was_not_looked_at(
    client: Client, course: Course, nurse: User, said: dict[str, Any]
) -> None:
    path = f"courses/{course.pk}/assessments/"
    when = {name: CHECK[name] for name in ("observed_at", "remark")}
    refused = post(client, path, when | said)
    assert refused.status_code == 422
    assert [one["code"] for one in refused.json()["reasons"]] == ["nothing_seen"]
    beside = post(client, path, when | {"crs": {"temp_c": "38.6"}} | {"icans": {}})
    assert beside.status_code == 201
    assert (beside.json()["crs"]["grade"], beside.json()["icans"]) == (1, None)


def test_a_nurse_is_told_who_says_that_iec_hs_is_confirmed_or_over(
    client: Client, course: Course, nurse: User
) -> None:
    body = CHECK | {"iec_hs": {"confirmed": True, "over": True}}
    refused = post(client, f"courses/{course.pk}/assessments/", body)
    assert refused.status_code == 422
    said = {one["field"]: (one["code"], one["who_may"]) for one in refused.json()["reasons"]}
    assert said == {
        "confirmed": ("confirmed_by_others", ["haematologist"]),
        "over": ("over_by_others", ["haematologist"]),
    }
    assert not Assessment.objects.exists()
