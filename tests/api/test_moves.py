"""Moves of the journey and of companions in the API."""

from datetime import date, datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from pathway.models import Change
from patients.models import Course
from terms.roles import Role
from tests.api.conftest import ClientOf
from tests.conftest import Refer, UserWith
from tests.walking import ENDINGS, Walk

MOMENT = "2026-11-11T10:00:00+01:00"
LEAVING = {"details": ENDINGS["withdrawn"]}


@pytest.fixture
def walk(refer_patient: Refer, user_with: UserWith) -> Walk:
    """A course and somebody with every role."""
    everyone = user_with(*(role.value for role in Role))
    return Walk(refer_patient(everyone), everyone)


@pytest.fixture
def all_api(client_of: ClientOf, walk: Walk) -> APIClient:
    """The client of somebody with every role."""
    return client_of(walk.by("coordinator"))


def url_of(course: Course, path: str = "moves/") -> str:
    """An address below a course."""
    return f"/api/v1/courses/{course.pk}/{path}"


def reasons(answer: Any) -> set[str]:
    """The codes of every reason."""
    return {reason["code"] for reason in answer.json()["reasons"]}


def test_moves_are_listed_with_everything_against_them(api: APIClient, course: Course) -> None:
    answer = api.get(url_of(course))
    assert answer["ETag"] == f'"{course.pk}.{course.version}"'
    moves = {move["target"]: move for move in answer.json()["results"]}
    assert set(moves) == {"eligibility", "declined", "withdrawn"}
    assert moves["eligibility"]["allowed"] is False
    assert {one["code"] for one in moves["eligibility"]["refusals"]} == {
        "consent_missing",
        "identity_not_verified",
    }
    assert [one["code"] for one in moves["declined"]["refusals"]] == ["role"]
    assert moves["declined"]["refusals"][0]["who_may"] == ["haematologist"]
    assert (moves["withdrawn"]["allowed"], moves["withdrawn"]["needs_reason"]) == (True, True)


def test_refusals_are_in_the_language_of_the_request(api: APIClient, course: Course) -> None:
    answer = api.get(url_of(course), headers={"Accept-Language": "it"})
    consent = answer.json()["results"][0]["refusals"][0]
    assert "Valutazione per il trattamento con CAR-T" in consent["message"]


def test_a_move_answers_the_change_and_the_new_version(all_api: APIClient, walk: Walk) -> None:
    walk.to_eligibility()
    walk.assess()
    for target in ("assessing", "mdt_review"):
        walk.move("eligibility", target)
    walk.meet().move("eligibility", "accepted")
    version = walk.course.version
    order: dict[str, Any] = {
        "target": "apheresis", "happened_at": MOMENT, "expected_version": version,
    }  # fmt: skip
    assert reasons(all_api.post(url_of(walk.course), order, "json")) == {"items_expired"}
    order["overrides"] = [{"code": "items_expired", "reason": "counts at collection"}]
    answer = all_api.post(url_of(walk.course), order, "json")
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    assert (made["source"], made["target"]) == ("eligibility", "apheresis")
    assert made["version"] == Course.objects.get(pk=walk.course.pk).version > version
    assert answer["ETag"] == f'"{walk.course.pk}.{made["version"]}"'


def test_a_refused_move_names_every_reason_and_writes_nothing(
    api: APIClient, course: Course
) -> None:
    order = {"target": "eligibility", "happened_at": "2027-01-01T00:00:00Z", "expected_version": 1}
    answer = api.post(url_of(course), order, "json")
    assert (answer.status_code, answer.json()["code"]) == (422, "refused")
    assert reasons(answer) == {"consent_missing", "identity_not_verified", "future_date"}
    assert Change.objects.filter(course=course).count() == 1


def test_a_role_that_may_not_move_gets_403_with_who_may(
    client_of: ClientOf, user_with: UserWith, course: Course
) -> None:
    client = client_of(user_with("pharmacist"))
    order = {"target": "eligibility", "happened_at": MOMENT, "expected_version": 1}
    answer = client.post(url_of(course), order, "json")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert answer.json()["reasons"][0]["who_may"] == ["coordinator", "haematologist"]


def test_an_unknown_target_is_refused(api: APIClient, course: Course) -> None:
    order = {"target": "moon", "happened_at": MOMENT, "expected_version": 1}
    answer = api.post(url_of(course), order, "json")
    assert (answer.status_code, reasons(answer)) == (422, {"no_such_move"})


def test_a_stale_version_is_409_in_the_body_and_412_by_if_match(
    api: APIClient, course: Course
) -> None:
    order = {"target": "withdrawn", "happened_at": MOMENT, "reason": "moved away"} | LEAVING
    stale = api.post(url_of(course), order | {"expected_version": 7}, "json")
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
    assert stale.json()["current_version"] == 1
    stale = api.post(url_of(course), order, "json", HTTP_IF_MATCH=f'"{course.pk}.7"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert api.post(url_of(course), order, "json").status_code == 428
    done = api.post(url_of(course), order, "json", HTTP_IF_MATCH=f'"{course.pk}.1"')
    assert done.status_code == 201


def test_a_soft_refusal_yields_to_a_reason(
    client_of: ClientOf, user_with: UserWith, refer_patient: Refer
) -> None:
    everyone = user_with(*(role.value for role in Role))
    young = refer_patient(everyone, birth_date=date(2008, 11, 20))
    walk = Walk(young, everyone)
    walk.prepare()
    client = client_of(everyone)
    order: dict[str, Any] = {"target": "eligibility", "happened_at": MOMENT}
    order |= {"expected_version": young.version}
    answer = client.post(url_of(young), order, "json")
    assert (answer.status_code, reasons(answer)) == (422, {"under_label_age"})
    assert answer.json()["reasons"][0]["kind"] == "soft"
    overrides = [{"code": "under_label_age", "reason": "18 next week"}]
    answer = client.post(url_of(young), order | {"overrides": overrides}, "json")
    said = "The patient is younger than the label's 26 years."
    assert answer.status_code == 201
    assert answer.json()["overrides"] == [{**overrides[0], "said": said}]


def test_a_time_without_offset_is_the_centres(api: APIClient, course: Course) -> None:
    order = {"target": "withdrawn", "happened_at": "2026-11-12T10:00", "reason": "moved"} | LEAVING
    answer = api.post(url_of(course), order | {"expected_version": 1}, "json")
    assert answer.status_code == 201, answer.json()
    assert datetime.fromisoformat(answer.json()["happened_at"]) == datetime.fromisoformat(
        "2026-11-12T10:00+01:00"
    )


def test_a_companion_is_opened_listed_and_moved(all_api: APIClient, walk: Walk) -> None:
    walk.to_apheresis()
    url = url_of(walk.course, "containment/")
    body = {"drug": "dexamethasone", "drug_class": "systemic_steroid", "happened_at": MOMENT}
    assert all_api.post(url, body, "json").status_code == 428
    opened = all_api.post(url, body | {"expected_version": walk.course.version}, "json")
    assert opened.status_code == 201, opened.json()
    assert (opened.json()["state"], opened.json()["title"]) == ("planned", "dexamethasone")
    [listed] = all_api.get(url).json()["results"]
    assert listed == opened.json()
    moves_url = f"{url}{listed['id']}/moves/"
    moves = {move["target"]: move for move in all_api.get(moves_url).json()["results"]}
    assert moves["given"]["allowed"] is True
    order = {"target": "given", "happened_at": MOMENT}
    assert all_api.post(moves_url, order, "json").status_code == 428
    moved = all_api.post(moves_url, order, "json", HTTP_IF_MATCH=opened["ETag"])
    assert (moved.status_code, moved.json()["machine"]) == (201, "containment")


def test_details_are_recorded_with_a_companions_move(all_api: APIClient, walk: Walk) -> None:
    walk.to_apheresis()
    attempt = walk.open("apheresis", planned_on=walk.now.date())
    walk.pass_gate("collection")
    for target in ("cleared", "in_progress", "completed"):
        walk.move("apheresis", target)
    url = url_of(walk.course, f"apheresis/{attempt.pk}/moves/")
    version = walk.course.version
    order = {"target": "adequate", "happened_at": MOMENT, "expected_version": version}
    wrong = all_api.post(url, order | {"details": {"cd3_yield": "much", "lot": "x"}}, "json")
    assert (wrong.status_code, reasons(wrong)) == (422, {"unknown_detail", "unreadable"})
    fields = {reason["field"] for reason in wrong.json()["reasons"]}
    assert fields == {"details.cd3_yield", "details.lot"}
    unlabelled = all_api.post(url, order | {"details": {"cd3_yield": "2,1"}}, "json")
    assert (unlabelled.status_code, reasons(unlabelled)) == (422, {"din_unknown"})
    order["overrides"] = [{"code": "din_unknown", "reason": "the label follows"}]
    done = all_api.post(url, order | {"details": {"cd3_yield": "2,1"}}, "json")
    assert done.status_code == 201, done.json()
    attempt.refresh_from_db()
    assert str(attempt.cd3_yield) == "2.100"  # type: ignore[attr-defined]


def test_opening_says_what_is_missing_and_what_is_foreign(all_api: APIClient, walk: Walk) -> None:
    walk.to_apheresis()
    answer = all_api.post(url_of(walk.course, "bridging/"), {"regimen": "Flu/Cy"}, "json")
    assert answer.status_code == 400
    assert {(one["field"], one["code"]) for one in answer.json()["reasons"]} == {
        ("regimen", "unknown_field"),
        ("drug", "required"),
        ("drug_class", "required"),
    }


def test_a_review_cannot_be_opened_by_hand(all_api: APIClient, walk: Walk) -> None:
    answer = all_api.post(url_of(walk.course, "eligibility/"), {}, "json")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_a_stale_version_stops_opening_too(all_api: APIClient, walk: Walk) -> None:
    body = {"order_number": "1", "expected_version": 99}
    answer = all_api.post(url_of(walk.course, "product/"), body, "json")
    assert (answer.status_code, answer.json()["code"]) == (409, "stale_version")


def test_a_companion_of_another_course_is_not_there(
    all_api: APIClient, walk: Walk, refer_patient: Refer
) -> None:
    walk.to_eligibility()
    review = walk.course.eligibilityreviews.get()
    elsewhere = refer_patient(walk.by("coordinator"))
    for course, machine in ((elsewhere, "eligibility"), (walk.course, "product")):
        url = url_of(course, f"{machine}/{review.pk}/moves/")
        order = {"target": "assessing", "happened_at": MOMENT, "expected_version": course.version}
        assert all_api.get(url).status_code == 404
        assert all_api.post(url, order, "json").status_code == 404


def test_a_booking_inside_a_washout_yields_to_a_reason(all_api: APIClient, walk: Walk) -> None:
    walk.to_apheresis().now = datetime.fromisoformat(MOMENT)
    walk.note("line", on="2026-11-10", treatment="FLAG", drug_class="chemotherapy")
    url = url_of(walk.course, "apheresis/")
    day = {"planned_on": "2026-11-20", "expected_version": walk.course.version}
    assert reasons(all_api.post(url, day, "json")) == {"washout"}
    why = {"overrides": [{"code": "washout", "reason": "The disease does not wait"}]}
    assert all_api.post(url, day | why, "json").status_code == 201
