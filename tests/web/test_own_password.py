"""A password that an administrator set opens nothing until its owner has changed it."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts import managing
from accounts.managing import NewUser
from accounts.models import User
from tests.conftest import NOW, UserWith

pytestmark = pytest.mark.django_db
GIVEN, OWN = "given by somebody else", "quite my own sentence"


@pytest.fixture
def anna(user_with: UserWith) -> User:
    """A nurse whose login was just made."""
    cache.clear()
    new = NewUser("anna", "Anna", "Neri", GIVEN, ("ward_nurse",))
    return managing.create_user(new=new, actor=user_with("centre_admin"), now=NOW)


@pytest.fixture
def browser(anna: User) -> Client:
    """Her browser, signed in with the given password."""
    client = Client()
    client.post(reverse("account_login"), {"login": "anna", "password": GIVEN})
    assert client.session["_auth_user_id"] == str(anna.pk)
    return client


def change(client: Client, new: str) -> None:
    client.post(
        reverse("account_change_password"),
        {"oldpassword": GIVEN, "password1": new, "password2": new},
    )


@pytest.mark.parametrize("path", ["/", "/patients/", "/accounts/permissions/", "/nothing/"])
def test_every_page_leads_to_the_change(browser: Client, path: str) -> None:
    answer = browser.get(path)
    assert (answer.status_code, answer["Location"]) == (302, reverse("account_change_password"))
    page = browser.get(answer["Location"])
    assert page.status_code == 200
    assert "Choose a password of your own first" in page.content.decode()


def test_the_api_says_what_is_to_be_done(browser: Client) -> None:
    answer = browser.get("/api/v1/courses/")
    assert (answer.status_code, answer.json()["code"]) == (403, "password_change_required")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["reasons"][0]["message"]


def test_no_token_is_given_for_it(anna: User, client: Client) -> None:
    typed = {"username": "anna", "password": GIVEN}
    answer = client.post(reverse("api_token"), typed, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "password_change_required")


def test_signing_out_needs_no_change(browser: Client) -> None:
    browser.post(reverse("account_logout"))
    assert "_auth_user_id" not in browser.session


def test_ones_own_password_opens_the_site(browser: Client, anna: User) -> None:
    change(browser, OWN)
    assert browser.get(reverse("board")).status_code == 200
    anna.refresh_from_db()
    assert anna.check_password(OWN)
    assert not anna.must_change_password


def test_the_given_password_is_no_own_one(browser: Client, anna: User) -> None:
    change(browser, GIVEN)
    assert browser.get(reverse("board")).status_code == 302
    anna.refresh_from_db()
    assert anna.must_change_password


def test_a_password_set_anew_is_to_be_changed_again(
    browser: Client, anna: User, user_with: UserWith
) -> None:
    change(browser, OWN)
    managing.set_initial_password(
        user_id=anna.pk, password=GIVEN, actor=user_with("centre_admin"), now=NOW
    )
    anna.refresh_from_db()
    assert anna.must_change_password
