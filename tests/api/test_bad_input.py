"""Input that cannot be read: never a 5xx, never anything written, always problem+json."""

import json
from typing import Any

import pytest
from django.db.models import Model
from rest_framework.test import APIClient

from audit.models import AuditEvent
from pathway.models import Change, EligibilityReview, Product
from patients.models import Anchor, Course, CourseNote, Hold, LabResult, Patient, Stay
from tests.api.conftest import ClientOf
from tests.conftest import UserWith

# Endpoint and a body that could be right: one value after the other is replaced by a bad one.
WRITES: list[tuple[str, str, dict[str, Any]]] = [
    ("post", "courses/", {"patient_id": 1, "protocol": "p", "referred_on": "2026-11-01",
     "coordinator_id": 1, "haematologist_id": 1, "distinct_reason": ""}),
    ("post", "courses/{course}/moves/", {"target": "eligibility", "expected_version": 1,
     "happened_at": "2026-11-01T10:00Z", "reason": "", "overrides": []}),
    ("patch", "courses/{course}/", {"coordinator_id": 1, "haematologist_id": 1}),
    ("post", "courses/{course}/containment/", {"drug": "x", "drug_class": "x",
     "planned_on": "2026-11-01", "happened_at": "2026-11-01T10:00Z", "expected_version": 1}),
    ("post", "courses/{course}/product/", {"order_number": "x", "expected_on": "2026-11-01"}),
    ("post", "courses/{course}/product/1/moves/", {"target": "x", "details": {},
     "happened_at": "2026-11-01T10:00Z", "expected_version": 1, "reason": "", "overrides": []}),
    ("post", "patients/", {"family_name": "x", "given_name": "x", "birth_date": "1970-01-01",
     "sex": "female", "identifiers": [{"system": "x", "value": "x"}], "referring_hospital": "",
     "referring_physician": "", "distinct_reason": ""}),
    ("patch", "patients/{patient}/", {"family_name": "x", "given_name": "x", "sex": "male",
     "birth_date": "1970-01-01", "reason": "x", "expected_version": 1}),
    ("post", "patients/{patient}/identifiers/", {"system": "x", "value": "x"}),
    ("post", "patients/{patient}/death/", {"died_on": "2026-11-01", "cause": "", "place": ""}),
    ("post", "patients/{patient}/death/withdraw/", {"reason": "x"}),
    ("post", "courses/{course}/holds/", {"step": "eligibility", "reason_code": "PERSONAL",
     "began_on": "2026-11-01", "remark": "", "managed_with": "", "planned_on": "2026-11-01",
     "review_on": "2026-11-30"}),
    ("post", "courses/{course}/holds/1/end/", {"ended_on": "2026-11-01", "new_date": None}),
    ("post", "courses/{course}/stays/admit/", {"unit": "ward", "place": "", "on": "2026-11-01"}),
    ("post", "courses/{course}/stays/transfer/", {"unit": "icu", "place": "",
     "on": "2026-11-01"}),
    ("post", "courses/{course}/stays/discharge/", {"on": "2026-11-01"}),
    ("post", "courses/{course}/anchors/", {"kind": "infusion", "planned_on": "2026-12-01",
     "reason": "", "expected_version": 1}),
    ("post", "courses/{course}/chart/diagnosis/", {"on": "2021", "disease": "x",
     "ph_status": "", "risk": "", "cns_involved": None, "extramedullary": None}),
    ("post", "courses/{course}/chart/line/", {"on": "2021", "treatment": "x", "drug_class": ""}),
    ("post", "courses/{course}/chart/transplant/", {"on": "2021", "kind": "allo"}),
    ("post", "courses/{course}/chart/relapse/", {"on": "2021", "kind": "mrd", "remark": "",
     "after_infusion": False, "extramedullary": None}),
    ("post", "courses/{course}/chart/antigen/", {"on": "", "antigen": "CD19", "positive": True,
     "percent": "1"}),
    ("post", "courses/{course}/chart/consent/", {"on": "2026-10-02", "kind": "data",
     "given": True, "version": ""}),
    ("post", "courses/{course}/chart/lab/", {"on": "2026-11-01", "analyte": "CRP", "value": "1",
     "unit": "mg/L", "context": ""}),
    ("post", "courses/{course}/chart/marrow/", {"on": "2026-11-01", "blasts_percent": "1",
     "remission": "", "mrd": "negative"}),
    ("post", "courses/{course}/chart/note/", {"on": "", "text": "x"}),
    ("post", "courses/{course}/chart/consent/1/withdraw/", {"withdrawn_on": "2026-11-01"}),
]  # fmt: skip

# Values that no field takes.
BAD_VALUES: list[Any] = [
    "a\x00b",
    "\ud800",
    [],
    {},
    {"x": {"y": []}},
    10**30,
    1e308,
    "9" * 5000,
    "x" * 20_000,
    "0001-01-01",
    "9999-12-31",
    "9999-12-31T23:59:59.999999-14:00",
    "0001-01-01T00:00:00+14:00",
    "2026-11-01T25:00Z",
    "1e400",
    "-1",
    "'; DROP TABLE patients_patient; --",
    "\u202e\u0000\ufeff",
]
# Bodies that are no object at all.
BAD_BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"true",
    b"0",
    b'"text"',
    b"[[[[]]]]",
    b"{} {}",
    b'{"a": NaN}',
    b'{"a": Infinity}',
    b'{"unknown": 1, "\\ud800": 2}',
    b'{"target": "\\ud800", "step": "\\ud800", "kind": "\\ud800", "unit": "\\ud800"}',
    b"\xff\xfe\x00",
    b"\x00",
    b'{"a": ' + b"9" * 5000 + b"}",
    b'{"reason": "x", "reason": "y", "text": "x", "text": "y", "on": "", "on": "2021"}',
    b"[" * 100_000,
    b'{"a":' * 50_000,
]
WATCHED: tuple[type[Model], ...] = (
    Anchor, Change, Course, CourseNote, EligibilityReview, Hold, LabResult, Patient, Product, Stay,
)  # fmt: skip


def counts() -> list[int]:
    """How much there is of everything that a write could leave behind."""
    rows = [model._default_manager.count() for model in WATCHED]
    return [*rows, AuditEvent.objects.exclude(action="refused").count()]


def check(answer: Any, what: str) -> None:
    """A client's fault, told as problem+json."""
    assert 400 <= answer.status_code < 500, f"{what}: {answer.status_code}"
    assert answer["Content-Type"] == "application/problem+json", what
    assert answer.json()["reasons"], what


@pytest.fixture
def everybody(client_of: ClientOf, user_with: UserWith) -> APIClient:
    """Somebody whom no role stops."""
    client = client_of(user_with("coordinator", "haematologist", "pharmacist"))
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(("method", "path", "good"), WRITES)
def test_a_bad_value_in_any_field_is_refused_and_nothing_written(
    method: str, path: str, good: dict[str, Any], everybody: APIClient, course: Course
) -> None:
    url = "/api/v1/" + path.format(course=course.pk, patient=course.patient_id)
    kind = {"content_type": "application/json", "HTTP_IF_MATCH": f'"{course.pk}.1"'}
    if method != "patch" or "expected_version" in good:
        del kind["HTTP_IF_MATCH"]
    for field in good:
        before, taken = counts(), 0
        for bad in BAD_VALUES:
            answer = getattr(everybody, method)(url, json.dumps(good | {field: bad}), **kind)
            what = f"{field} = {str(bad)[:40]!r}"
            if answer.status_code in (200, 201):
                # A text may be anything that can be stored.
                assert isinstance(bad, str | int | float), what
                taken += 1
                continue
            check(answer, what)
        assert taken or counts() == before, field


@pytest.mark.parametrize(("method", "path", "good"), WRITES)
def test_a_body_that_is_no_object_is_refused(
    method: str, path: str, good: dict[str, Any], everybody: APIClient, course: Course
) -> None:
    url = "/api/v1/" + path.format(course=course.pk, patient=course.patient_id)
    headers = {"HTTP_IF_MATCH": f'"{course.pk}.1"'} if method == "patch" else {}
    before = counts()
    for body in BAD_BODIES:
        send = getattr(everybody, method)
        answer = send(url, body, content_type="application/json", **headers)
        check(answer, repr(body[:40]))
    assert counts() == before


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("courses/?search=%00", 400),
        ("courses/?stage=moon", 400),
        ("courses/?mine=perhaps", 400),
        ("courses/?search=" + "x" * 200, 400),
        ("courses/?centre=%00", 400),
        ("courses/?page=0", 404),
        ("courses/?page=" + "9" * 30, 404),
        ("courses/?page=x", 404),
        ("courses/?page_size=-1", 200),
        ("courses/?page_size=" + "9" * 30, 200),
        ("courses/?format=xml", 200),
        ("courses/?utm_source=x", 200),
        ("patients/?search=%00", 400),
        ("reminders/?course=" + "9" * 30, 400),
        ("reminders/?due_before=yesterday", 400),
        ("reminders/?status=late", 400),
        ("courses/" + "9" * 30 + "/", 404),
        ("courses/0/", 404),
        ("courses/" + "9" * 30 + "/timeline.csv", 404),
        ("courses/1/rocket/", 404),
        ("courses/1/chart/rocket/", 404),
        ("nothing/", 404),
        ("%00", 404),
        ("courses", 404),
    ],
)
def test_an_address_that_cannot_be_read_is_told_so(
    path: str, status: int, everybody: APIClient
) -> None:
    answer = everybody.get("/api/v1/" + path)
    assert answer.status_code == status
    if status != 200:
        check(answer, path)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/x-www-form-urlencoded", 415),
        ("text/plain", 415),
        ("application/json; charset=rot13", 400),
        ("application/json; charset=hex", 400),
        ("application/json; charset=nonsense", 400),
        ("", 415),
    ],
)
def test_a_body_of_another_kind_is_told_so(
    kind: str, status: int, everybody: APIClient, course: Course
) -> None:
    answer = everybody.generic("POST", "/api/v1/patients/", "a=1", content_type=kind)
    assert answer.status_code == status
    check(answer, kind)


def test_a_body_that_is_too_big_is_told_so(everybody: APIClient) -> None:
    body = '{"family_name": "' + "x" * 3_000_000 + '"}'
    answer = everybody.generic("POST", "/api/v1/patients/", body, "application/json")
    assert answer.status_code == 413
    check(answer, "3 MB")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["courses/", "me/", "nothing/", "timelines.csv"])
def test_nobody_signed_in_is_told_how(path: str) -> None:
    answer = APIClient().get("/api/v1/" + path)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"]


def test_a_method_that_is_not_there_is_told_so(everybody: APIClient, course: Course) -> None:
    answer = everybody.delete(f"/api/v1/courses/{course.pk}/")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


@pytest.mark.django_db
@pytest.mark.parametrize("body", [b for b in BAD_BODIES if b])
def test_a_sign_in_that_is_no_object_is_refused(body: bytes) -> None:
    client = APIClient(raise_request_exception=False)
    answer = client.post("/api/v1/auth/token/", body, content_type="application/json")
    check(answer, repr(body[:40]))


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense", ""])
def test_whatever_is_accepted_the_answer_is_json(
    accept: str, everybody: APIClient, course: Course
) -> None:
    answer = everybody.get("/api/v1/courses/", headers={"accept": accept})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    schema = everybody.get("/api/v1/schema/", headers={"accept": accept})
    assert schema.status_code == 200


def test_a_name_given_twice_in_one_object_is_refused(everybody: APIClient, course: Course) -> None:
    body = '{"on": "2026-11-01", "text": "x", "text": "y"}'
    url = f"/api/v1/courses/{course.pk}/chart/note/"
    answer = everybody.generic("POST", url, body, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
    assert not CourseNote.objects.exists()


@pytest.mark.parametrize("text", [1, 1.5, True])
def test_free_text_is_a_text(text: object, everybody: APIClient, course: Course) -> None:
    for path, body in (
        ("chart/note/", {"text": text}),
        ("chart/line/", {"treatment": text}),
        ("stays/admit/", {"unit": "ward", "place": text, "on": "2026-11-01"}),
    ):
        answer = everybody.post(f"/api/v1/courses/{course.pk}/{path}", body, "json")
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_numbers_of_results_may_be_numbers(everybody: APIClient, course: Course) -> None:
    body = {"on": "2026-11-01", "analyte": "CRP", "value": 12.5, "unit": "mg/L"}
    answer = everybody.post(f"/api/v1/courses/{course.pk}/chart/lab/", body, "json")
    assert answer.status_code == 201, answer.json()


@pytest.mark.parametrize("name", ["\x00", "\ud800", "x" * 300, ""])
def test_a_detail_of_an_unreadable_name_is_refused(
    name: str, everybody: APIClient, course: Course
) -> None:
    product = course.products.create(
        state="ordered", state_since=course.referred_on, created_at=course.created_at
    )
    order = {"target": "cancelled", "happened_at": "2026-11-01T10:00Z", "reason": "x"}
    body = json.dumps(order | {"expected_version": 1, "details": {name: "x"}})
    url = f"/api/v1/courses/{course.pk}/product/{product.pk}/moves/"
    answer = everybody.generic("POST", url, body, "application/json")
    check(answer, repr(name))
    product.refresh_from_db()
    assert product.state == "ordered"
