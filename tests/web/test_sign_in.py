"""Signing in and out by page and by token: who gets in, what is recorded, what is never kept."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken
from pytest_django import Settings

from accounts.models import Centre, Membership, User
from audit.models import AuditEvent
from terms.demo import DEMO_PASSWORD
from tests.conftest import NOW, UserWith

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough sentence"
WRONG = "this one is wrong"


@pytest.fixture(autouse=True)
def fresh_rate_limits(db: None) -> None:
    """Tries of other tests do not count."""
    cache.clear()


@pytest.fixture
def nurse(user_with: UserWith) -> User:
    """A ward nurse with a password."""
    user = user_with("ward_nurse", username="anna")
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client: Client, username: str = "anna", password: str = PASSWORD, **data: str) -> int:
    typed = {"login": username, "password": password, **data}
    return client.post(reverse("account_login"), typed).status_code


def ask_token(client: Client, username: str = "anna", password: str = PASSWORD) -> int:
    typed = {"username": username, "password": password}
    return client.post(reverse("api_token"), typed, content_type="application/json").status_code


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def everything_recorded() -> str:
    return str(list(AuditEvent.objects.values()))


def test_signing_in_leads_a_ward_nurse_to_the_ward_and_is_recorded(
    client: Client, nurse: User
) -> None:
    response = client.post(reverse("account_login"), {"login": "anna", "password": PASSWORD})
    assert response.status_code == 302
    assert response["Location"] == reverse("ward")
    event = AuditEvent.objects.get(action="session.sign_in")
    assert (event.actor_id, event.actor_name, event.roles) == (nurse.pk, "anna", "ward_nurse")
    assert PASSWORD not in everything_recorded()


def test_signing_in_comes_back_to_the_page_asked_for_but_never_to_another_site(
    client: Client, nurse: User
) -> None:
    for asked, led in (("/about/", "/about/"), ("https://example.org/", reverse("ward"))):
        response = client.post(
            reverse("account_login"), {"login": "anna", "password": PASSWORD, "next": asked}
        )
        assert response["Location"] == led
        client.logout()


def test_username_is_read_in_any_case(client: Client, nurse: User) -> None:
    assert sign_in(client, "ANNA") == 302


def test_wrong_password_is_recorded_without_what_was_typed(client: Client, nurse: User) -> None:
    assert sign_in(client, password=WRONG) == 200
    event = AuditEvent.objects.get()
    assert (event.action, event.reason) == ("session.sign_in_refused", "wrong name or password")
    assert (event.actor_id, event.object_id, event.centre_id) == (
        None,
        str(nurse.pk),
        nurse.working_centre_id,
    )
    assert event.after == {"username": "anna"}
    assert WRONG not in everything_recorded()


def test_password_typed_as_username_is_not_recorded(client: Client, nurse: User) -> None:
    assert sign_in(client, username=PASSWORD) == 200
    event = AuditEvent.objects.get()
    assert (event.object_id, event.after, event.centre_id) == ("", {}, None)
    assert PASSWORD not in everything_recorded()


def test_eleventh_try_is_refused_even_with_the_right_password(client: Client, nurse: User) -> None:
    for _ in range(10):
        sign_in(client, password=WRONG)
    sign_in(client)
    assert not client.session.get("_auth_user_id")
    assert AuditEvent.objects.order_by("-pk")[0].reason == "rate limit"
    assert "session.sign_in" not in actions()


def test_wrong_tries_close_neither_the_address_nor_the_username_elsewhere(
    client: Client, nurse: User, user_with: UserWith
) -> None:
    colleague = user_with("ward_nurse", username="bruna")
    colleague.set_password(PASSWORD)
    colleague.save()
    for _ in range(11):
        ask_token(client, password=WRONG)
    assert ask_token(client) == 429
    assert ask_token(client, "bruna") == 200
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert ask_token(elsewhere) == 200


def test_many_addresses_together_close_a_username_for_a_while(
    client: Client, nurse: User, settings: Settings
) -> None:
    limits = {**settings.ACCOUNT_RATE_LIMITS, "login_failed_anywhere": "3/h/key"}
    settings.ACCOUNT_RATE_LIMITS = limits
    for last in range(3):
        assert ask_token(Client(REMOTE_ADDR=f"192.0.2.{last}"), password=WRONG) == 401
    assert ask_token(Client(REMOTE_ADDR="192.0.2.9")) == 429


def test_right_passwords_use_up_no_limit(client: Client, nurse: User, settings: Settings) -> None:
    limits = {**settings.ACCOUNT_RATE_LIMITS, "login_failed_anywhere": "2/h/key"}
    settings.ACCOUNT_RATE_LIMITS = limits
    for _ in range(4):
        assert ask_token(client) == 200


def test_demo_password_opens_nothing_outside_the_demo(
    client: Client, nurse: User, settings: Settings
) -> None:
    nurse.set_password(DEMO_PASSWORD)
    nurse.save()
    settings.DEMO = False
    assert ask_token(client, password=DEMO_PASSWORD) == 401
    sign_in(client, password=DEMO_PASSWORD)
    assert "_auth_user_id" not in client.session
    assert AuditEvent.objects.order_by("-pk")[0].reason == "demo password"
    settings.DEMO = True
    assert ask_token(client, password=DEMO_PASSWORD) == 200


def test_deactivated_login_does_not_get_in(client: Client, nurse: User) -> None:
    nurse.is_active = False
    nurse.save()
    assert sign_in(client) == 302
    assert not client.session.get("_auth_user_id")
    assert AuditEvent.objects.get().reason == "deactivated"
    assert client.get(reverse("account_inactive")).status_code == 200


def test_deactivation_ends_a_session_at_once(client: Client, nurse: User) -> None:
    sign_in(client)
    assert client.get(reverse("permissions_table")).status_code == 200
    nurse.is_active = False
    nurse.save()
    assert client.get(reverse("permissions_table")).status_code == 302


def test_signing_out_is_recorded_and_needs_a_post(client: Client, nurse: User) -> None:
    sign_in(client)
    assert client.get(reverse("account_logout")).status_code == 200
    assert "_auth_user_id" in client.session
    left = client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session
    assert actions()[-1] == "session.sign_out"
    assert left["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in client.get("/about/")


def test_own_password_change_is_recorded_and_ends_the_tokens(client: Client, nurse: User) -> None:
    sign_in(client)
    assert ask_token(client) == 200
    new = "quite another sentence"
    page = client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    assert page.status_code == 302
    nurse.refresh_from_db()
    assert nurse.check_password(new)
    assert not AuthToken.objects.exists()
    assert actions()[-1] == "user.change_password"
    assert new not in everything_recorded()
    assert client.get(reverse("permissions_table")).status_code == 200


def test_signing_in_again_to_confirm_is_recorded(client: Client, nurse: User) -> None:
    sign_in(client)
    client.post(reverse("account_reauthenticate"), {"password": WRONG})
    assert actions()[-1] == "session.sign_in_refused"
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert actions()[-1] == "session.sign_in_again"


def test_who_lost_every_role_at_the_last_centre_signs_in_at_another(
    client: Client, nurse: User, other_centre: Centre
) -> None:
    nurse.memberships.update(ended_at=NOW)
    Membership.objects.create(
        user=nurse, centre=other_centre, role="quality", granted_at=NOW, granted_by="test"
    )
    sign_in(client)
    nurse.refresh_from_db()
    assert nurse.working_centre == other_centre


def test_messages_are_kept_on_the_server(client: Client, nurse: User) -> None:
    sign_in(client)
    assert "messages" not in client.cookies
    client.post(reverse("account_logout"))
    assert "messages" not in client.cookies
    assert "signed out" in client.get("/about/").content.decode()


def test_nobody_signs_up_or_resets_a_password_by_mail(client: Client) -> None:
    for path in ("/accounts/signup/", "/accounts/password/reset/", "/accounts/email/"):
        assert client.get(path).status_code == 404


def test_demo_password_is_refused_outside_the_demo(
    client: Client, nurse: User, settings: Settings
) -> None:
    sign_in(client)
    typed = {
        "oldpassword": PASSWORD,
        "password1": "percorso-demo",
        "password2": "percorso-demo",
    }
    settings.DEMO = False
    client.post(reverse("account_change_password"), typed)
    nurse.refresh_from_db()
    assert nurse.check_password(PASSWORD)
    settings.DEMO = True
    client.post(reverse("account_change_password"), typed)
    nurse.refresh_from_db()
    assert nurse.check_password("percorso-demo")


def test_token_opens_the_api_until_it_is_revoked(client: Client, nurse: User) -> None:
    answer = client.post(
        reverse("api_token"),
        {"username": "anna", "password": PASSWORD},
        content_type="application/json",
    )
    assert answer.status_code == 200
    assert set(answer.json()) == {"token", "expiry"}
    assert answer["Cache-Control"] == "no-store"
    text = answer.json()["token"]
    assert text not in str(list(AuthToken.objects.values()))
    header = {"Authorization": f"Token {text}"}
    assert Client().post(reverse("api_logout"), headers=header).status_code == 204
    assert Client().post(reverse("api_logout"), headers=header).status_code == 401
    assert actions() == ["token.issue", "token.revoke"]


def test_expired_token_or_deactivated_owner_is_401(client: Client, nurse: User) -> None:
    ask_token(client)
    token, text = AuthToken.objects.create(user=nurse)
    header = {"Authorization": f"Token {text}"}
    nurse.is_active = False
    nurse.save()
    assert Client().post(reverse("api_logout"), headers=header).status_code == 401
    nurse.is_active = True
    nurse.save()
    AuthToken.objects.filter(pk=token.pk).update(expiry=timezone.now() - timedelta(seconds=1))
    assert Client().post(reverse("api_logout"), headers=header).status_code == 401


@pytest.mark.parametrize("text", ["", "x", "\xe9" * 64, "f" * 63, "g" * 64, "f" * 64, "a b"])
def test_what_is_no_token_is_401(text: str) -> None:
    header = {"HTTP_AUTHORIZATION": f"Token {text}"}
    assert Client().post(reverse("api_logout"), **header).status_code == 401  # type: ignore[arg-type]


def test_api_without_sign_in_is_401_not_403(client: Client) -> None:
    answer = client.post(reverse("api_logout"))
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Token"


def test_wrong_credentials_at_the_api_are_401_then_429(client: Client, nurse: User) -> None:
    for _ in range(10):
        assert ask_token(client, password=WRONG) == 401
    typed = {"username": "anna", "password": PASSWORD}
    refused = client.post(reverse("api_token"), typed, content_type="application/json")
    assert (refused.status_code, refused["Retry-After"]) == (429, "900")
    assert not AuthToken.objects.exists()
    assert actions() == ["session.sign_in_refused"] * 11
    assert WRONG not in everything_recorded()


def test_sign_in_tries_from_one_address_are_limited_at_the_api(
    client: Client, nurse: User, settings: Settings
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login": "1/m/ip"}
    assert ask_token(client) == 200
    assert ask_token(client) == 429
    page = client.post(reverse("account_login"), {"login": "anna", "password": PASSWORD})
    assert (page.status_code, page["Retry-After"]) == (429, "60")


def test_deactivated_login_gets_no_token(client: Client, nurse: User) -> None:
    nurse.is_active = False
    nurse.save()
    assert ask_token(client) == 401
    assert not AuthToken.objects.exists()
    assert AuditEvent.objects.get().reason == "deactivated"


@pytest.mark.parametrize("typed", [{}, {"username": "anna"}, {"username": "\x00", "password": "x"}])
def test_token_asked_for_without_usable_credentials_is_400(
    client: Client, typed: dict[str, str]
) -> None:
    answer = client.post(reverse("api_token"), typed, content_type="application/json")
    assert answer.status_code == 400


def test_session_signs_out_through_the_api_only_with_its_csrf_token(nurse: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(nurse)
    assert client.post(reverse("api_logout")).status_code == 403
    client.get(reverse("account_logout"))
    csrf = client.cookies["csrftoken"].value
    answer = client.post(
        reverse("api_logout"), headers={"X-CSRFToken": csrf}, content_type="application/json"
    )
    assert answer.status_code == 204
    assert actions()[-1] == "session.sign_out"


@pytest.mark.parametrize(
    ("roles", "after", "home"),
    [
        (["ward_nurse"], "", "ward"),
        (["ward_nurse"], "/", "ward"),  # who comes by the front door is sent to sign in from there
        (["coordinator"], "", "board"),
        (["haematologist"], "/", "board"),
        (["ward_nurse", "coordinator"], "", "board"),
    ],
)
def test_everybody_lands_where_the_own_work_begins(
    client: Client, centre: Centre, user_with: UserWith, roles: list[str], after: str, home: str
) -> None:
    user = user_with(roles[0], username="anna")
    for role in roles[1:]:
        user.memberships.create(centre=centre, role=role, granted_at=NOW, granted_by="test")
    user.set_password(PASSWORD)
    user.save()
    typed = {"login": "anna", "password": PASSWORD, "next": after}
    response = client.post(reverse("account_login"), typed)
    assert response["Location"] == reverse(home)
    page = client.get(response["Location"]).content.decode()
    assert f'class="brand" href="{reverse(home)}"' in page
    menu = page.split("<nav")[1].split("</nav>")[0]
    assert all(f'href="{reverse(name)}"' in menu for name in ("ward", "board", "patient_list"))


def test_who_was_on_the_way_to_a_page_gets_there(client: Client, nurse: User) -> None:
    for asked in ("/patients/", "/?view=table"):
        client.logout()
        typed = {"login": "anna", "password": PASSWORD, "next": asked}
        assert client.post(reverse("account_login"), typed)["Location"] == asked
