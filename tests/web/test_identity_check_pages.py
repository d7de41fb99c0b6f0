"""The pages and API of the two-person check: a scanner, signing again, the words of a stop."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import Centre, User
from pathway.models import IdentityCheck, IdentityScan, Product
from tests.conftest import UserWith
from tests.walking import Walk, labels_of

PASSWORD = "a quiet morning on the ward"


@pytest.fixture
def thawed(walk: Walk) -> Walk:
    """A course whose product is thawed and not yet checked."""
    cache.clear()
    return walk


def browser_of(user: User) -> Client:
    """Somebody's browser; their password is PASSWORD."""
    User.objects.filter(pk=user.pk).update(password=make_password(PASSWORD))
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client


def begun(walk: Walk, client: Client) -> tuple[IdentityCheck, str]:
    """A check begun on the page, and its address."""
    product = walk.latest("product").pk
    new = reverse("identity_check_new", args=[walk.course.pk, product, "bedside"])
    page = client.get(new)
    assert page.status_code == 200
    assert "What the labels must say" in page.content.decode()
    answer = client.post(new)
    check = IdentityCheck.objects.get(kind="bedside")
    address = reverse("identity_check", args=[walk.course.pk, check.pk])
    assert answer["Location"] == address
    assert client.get(new)["Location"] == address, "the second person is led to it"
    return check, address


def typed(check: IdentityCheck, **spoilt: Any) -> dict[str, Any]:
    """What a person scans and types."""
    labels = labels_of(check)
    yes = {"labels_agree": "true", "cassette_agrees": "true"}
    return labels | yes | {"password": PASSWORD} | spoilt


@pytest.mark.walked("to_lymphodepletion", "deplete", "thaw")
def test_two_people_pass_in_two_browsers(thawed: Walk) -> None:
    nurse, doctor = browser_of(thawed.by("ward_nurse")), browser_of(thawed.by("haematologist"))
    with time_machine.travel(thawed.now, tick=False):
        check, address = begun(thawed, nurse)
        assert nurse.post(address, typed(check)).status_code == 302
        waiting = nurse.get(address).content.decode()
        assert "The next reading is somebody else" in waiting
        blank = doctor.get(address).content.decode()
        assert 'name="lot"' in blank
        assert 'value="LOT' not in blank, "what the first one read stays theirs"
        assert doctor.post(address, typed(check)).status_code == 302
        assert "Passed: both readings agree" in doctor.get(address).content.decode()
        one = reverse("api_identity_check", args=[thawed.course.pk, check.pk])
        assert doctor.get(one).json()["counts"] is True
    # No tick outlives what it says: its hour, what it compared, a newer check.
    with time_machine.travel(thawed.now + timedelta(minutes=61), tick=False):
        doctor = browser_of(thawed.by("haematologist"))
        text = doctor.get(address).content.decode()
        assert "it does not count any more" in text
        assert "The time for which it holds is over" in text
        assert "Passed" not in text
        assert doctor.get(one).json()["counts"] is False
    with time_machine.travel(thawed.now, tick=False):
        doctor = browser_of(thawed.by("haematologist"))
        thawed.open_check("bedside", "ward_nurse")
        assert "A newer check of this product was begun" in doctor.get(address).content.decode()
        Product.objects.update(lot="LOT-OTHER")
        text = doctor.get(address).content.decode()
        assert "What is recorded has changed since: <strong>Lot</strong>" in text


@pytest.mark.walked("to_lymphodepletion", "deplete", "thaw")
def test_a_dose_that_nobody_can_compare_is_said_beside_what_agrees(thawed: Walk) -> None:
    nurse, said = browser_of(thawed.by("ward_nurse")), "The dose on the bag is not compared"
    with time_machine.travel(thawed.now, tick=False):
        check, address = begun(thawed, nurse)
        one = reverse("api_identity_check", args=[thawed.course.pk, check.pk])
        assert said not in nurse.get(address).content.decode()
        assert nurse.get(one).json()["dose_left_out"] is False
        check.pk, check.snapshot = None, check.snapshot | {"dose_total": "", "dose_per_kg": ""}
        check.save(force_insert=True)
        address = reverse("identity_check", args=[thawed.course.pk, check.pk])
        one = reverse("api_identity_check", args=[thawed.course.pk, check.pk])
        text = nurse.get(address).content.decode()
        assert said in text
        assert 'name="dose"' not in text
        assert nurse.get(one).json()["dose_left_out"] is True


@pytest.mark.walked("to_lymphodepletion", "deplete", "thaw")
def test_a_scanner_sends_code_after_code(thawed: Walk) -> None:
    nurse = browser_of(thawed.by("ward_nurse"))
    with time_machine.travel(thawed.now, tick=False):
        check, address = begun(thawed, nurse)
        labels = labels_of(check)
        given: dict[str, Any] = {}
        for name, following in (
            ("hospital_id", "din"),
            ("din", "lot"),
            ("lot", "cassette_lot"),
            ("cassette_lot", "coi_id"),
            ("coi_id", "dose"),
            ("dose", "labels_agree"),
        ):
            given[name] = labels[name] + "\r\n"
            page = nurse.post(address, given)
            text = page.content.decode()
            assert page.status_code == 200
            assert "not right yet" not in text
            field = text[text.index(f'name="{following}"') :]
            assert "autofocus" in field[: field.index(">")]
        assert not IdentityScan.objects.filter(check_of=check).exists()


@pytest.mark.walked("to_lymphodepletion", "deplete", "thaw")
@pytest.mark.parametrize("password", ["wrong", PASSWORD.upper()])
def test_a_wrong_password_signs_nothing_and_keeps_what_was_scanned(
    thawed: Walk, password: str
) -> None:
    nurse = browser_of(thawed.by("ward_nurse"))
    with time_machine.travel(thawed.now, tick=False):
        check, address = begun(thawed, nurse)
        answer = nurse.post(address, typed(check, password=password))
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "This is not your password" in text
    assert check.snapshot["lot"] in text
    assert password not in text
    assert not IdentityScan.objects.filter(check_of=check).exists()


@pytest.mark.walked("to_lymphodepletion", "deplete", "thaw")
def test_passwords_are_not_tried_for_ever(thawed: Walk) -> None:
    nurse = browser_of(thawed.by("ward_nurse"))
    with time_machine.travel(thawed.now, tick=False):
        check, address = begun(thawed, nurse)
        for _try in range(10):
            nurse.post(address, typed(check, password="wrong"))
        answer = nurse.post(address, typed(check))
    assert "Too many wrong passwords" in answer.content.decode()
    assert not IdentityScan.objects.filter(check_of=check).exists()


@pytest.mark.walked("to_lymphodepletion", "deplete", "thaw")
def test_a_wrong_bag_stops_in_clear_words_and_asks_for_a_deviation(thawed: Walk) -> None:
    nurse = browser_of(thawed.by("ward_nurse"))
    with time_machine.travel(thawed.now, tick=False):
        check, address = begun(thawed, nurse)
        nurse.post(address, typed(check, din="W0001260001231"))
        text = nurse.get(address).content.decode()
        assert "STOP: do not use this product" in text
        assert "Donation number" in text
        assert Product.objects.get().state == "quarantined"
        deviation = reverse("identity_deviation", args=[thawed.course.pk, check.pk])
        assert nurse.get(deviation).status_code == 200
        assert nurse.post(deviation, {"number": ""}).status_code == 422
        assert nurse.post(deviation, {"number": "DEV-9"}).status_code == 302
        assert nurse.post(deviation, {"number": "DEV-9"}).status_code == 422
        assert "DEV-9" in nurse.get(address).content.decode()


@pytest.mark.walked("to_lymphodepletion", "deplete", "thaw")
def test_who_may_not_begin_is_told_who_may(thawed: Walk, user_with: UserWith) -> None:
    product = thawed.latest("product").pk
    for kind, status in (("bedside", 403), ("receipt", 403), ("other", 404)):
        new = reverse("identity_check_new", args=[thawed.course.pk, product, kind])
        with time_machine.travel(thawed.now, tick=False):
            assert browser_of(user_with("coordinator")).post(new).status_code == status
            manager = browser_of(user_with("data_manager")).get(new)
            assert manager.status_code in (403, 404)
            assert "ROSSI" not in manager.content.decode().upper()


@pytest.mark.walked("to_lymphodepletion", "deplete", "thaw")
def test_a_check_whose_time_is_over_says_so(thawed: Walk) -> None:
    nurse = browser_of(thawed.by("ward_nurse"))
    with time_machine.travel(thawed.now, tick=False):
        _check, address = begun(thawed, nurse)
    with time_machine.travel(thawed.now + timedelta(minutes=16), tick=False):
        assert "Not passed: the time is over" in nurse.get(address).content.decode()


@pytest.mark.walked("to_lymphodepletion", "deplete", "thaw")
def test_the_course_page_leads_to_the_check(thawed: Walk) -> None:
    page = browser_of(thawed.by("ward_nurse")).get(reverse("course", args=[thawed.course.pk]))
    assert "Identity check at the bedside" in page.content.decode()


@pytest.mark.walked("to_lymphodepletion", "deplete", "thaw")
def test_another_centre_and_a_data_manager_see_nothing(
    thawed: Walk, other_centre: Centre, user_with: UserWith
) -> None:
    check = thawed.open_check("bedside", "ward_nurse")
    stranger = browser_of(user_with("ward_nurse", at=other_centre))
    manager = browser_of(user_with("data_manager"))
    for name in ("identity_check", "identity_deviation", "api_identity_check"):
        address = reverse(name, args=[thawed.course.pk, check.pk])
        with time_machine.travel(thawed.now, tick=False):
            assert stranger.get(address).status_code == 404
            assert manager.get(address).status_code == 403


@pytest.mark.walked("to_lymphodepletion", "deplete", "thaw")
def test_the_same_through_the_api(thawed: Walk) -> None:
    nurse, doctor = browser_of(thawed.by("ward_nurse")), browser_of(thawed.by("haematologist"))
    list_ = reverse("api_identity_checks", args=[thawed.course.pk])
    with time_machine.travel(thawed.now, tick=False):
        body = {"product": thawed.latest("product").pk, "kind": "bedside"}
        made = nurse.post(list_, body, "application/json")
        assert made.status_code == 201, made.content
        assert made.json()["outcome"] == "open"
        check = IdentityCheck.objects.get(kind="bedside")
        scans = reverse("api_identity_scans", args=[thawed.course.pk, check.pk])
        given = labels_of(check) | {"password": PASSWORD}
        wrong = nurse.post(scans, given | {"password": "wrong"}, "application/json")
        assert wrong.status_code == 422
        assert wrong.json()["reasons"][0]["code"] == "password_wrong"
        first = nurse.post(scans, given, "application/json").json()
        assert (first["outcome"], len(first["readings"])) == ("open", 1)
        assert "scanned" not in str(first["readings"][0].keys() - {"scanned_at"})
        stopped = doctor.post(scans, given | {"lot": "other"}, "application/json").json()
        assert (stopped["outcome"], stopped["mismatches"]) == ("stopped", ["lot"])
        numbered = reverse("api_identity_deviation", args=[thawed.course.pk, check.pk])
        answer = doctor.post(numbered, {"number": "DEV-1"}, "application/json").json()
        assert answer["deviation_number"] == "DEV-1"
        assert nurse.get(list_).json()["count"] == 2
        one = reverse("api_identity_check", args=[thawed.course.pk, check.pk])
        assert nurse.get(one).json()["valid_until"] is None
