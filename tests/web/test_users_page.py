"""The pages of users and roles, as administrators and everybody else meet them."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import Centre, Membership, User
from audit.models import AuditEvent
from tests.conftest import NOW, UserWith

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough sentence"


@pytest.fixture
def admin(user_with: UserWith) -> User:
    """The administrator of the centre."""
    return user_with("centre_admin", username="admin.here")


@pytest.fixture
def nurse(user_with: UserWith) -> User:
    """A ward nurse of the centre."""
    return user_with("ward_nurse", username="anna")


@pytest.fixture
def page(client: Client, admin: User) -> Client:
    """A browser in which the administrator is signed in."""
    client.force_login(admin)
    return client


def test_list_shows_people_of_this_centre_only(
    page: Client, nurse: User, user_with: UserWith, other_centre: Centre
) -> None:
    user_with("ward_nurse", at=other_centre, username="stranger")
    text = page.get(reverse("user_list")).content.decode()
    assert "anna" in text
    assert "Ward nurse" in text
    assert "stranger" not in text


def test_list_costs_the_same_for_two_and_for_thirty_people(
    page: Client, nurse: User, user_with: UserWith, django_assert_max_num_queries: object
) -> None:
    page.get(reverse("user_list"))
    with django_assert_max_num_queries(9) as few:  # type: ignore[operator]
        page.get(reverse("user_list"))
    for number in range(28):
        user_with("ward_nurse", username=f"nurse{number}")
    with django_assert_max_num_queries(len(few)):  # type: ignore[operator]
        page.get(reverse("user_list"))


def test_new_login_is_made_and_can_sign_in(page: Client, centre: Centre) -> None:
    cache.clear()
    typed = {
        "given_name": "Anna",
        "family_name": "Neri",
        "username": "Anna.Neri",
        "email": "",
        "roles": ["ward_nurse", "pharmacist"],
        "password": PASSWORD,
    }
    made = page.post(reverse("user_new"), typed)
    person = User.objects.get(username="anna.neri")
    assert made["Location"] == reverse("user", kwargs={"pk": person.pk})
    assert person.roles == {"ward_nurse", "pharmacist"}
    entered = Client().post(reverse("account_login"), {"login": "anna.neri", "password": PASSWORD})
    assert entered.status_code == 302


def test_refused_login_keeps_what_was_typed_but_not_the_password(page: Client) -> None:
    typed = {
        "given_name": "Anna",
        "family_name": "Neri",
        "username": "admin.here",
        "roles": ["ward_nurse"],
        "password": "short-one",
    }
    answer = page.post(reverse("user_new"), typed)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="Neri"' in text
    assert "short-one" not in text
    assert "Somebody has this username already." in text
    assert "too short" in text
    assert AuditEvent.objects.get(action="refused").after["codes"] == ["username_taken", "password"]


def test_incomplete_login_is_refused_by_the_form(page: Client) -> None:
    assert page.get(reverse("user_new")).status_code == 200
    assert page.post(reverse("user_new"), {}).status_code == 422


def test_roles_are_given_and_ended_on_the_persons_page(page: Client, nurse: User) -> None:
    where = reverse("user", kwargs={"pk": nurse.pk})
    given = page.post(reverse("user_role_grant", kwargs={"pk": nurse.pk}), {"role": "quality"})
    assert given["Location"] == where
    membership = nurse.memberships.get(role="quality")
    ended = page.post(reverse("user_role_end", kwargs={"pk": membership.pk}))
    assert ended["Location"] == where
    text = page.get(where).content.decode()
    assert "Role given." in text
    assert "Role ended." in text
    assert "admin.here" in text


def test_role_held_already_is_refused_on_the_persons_page(page: Client, nurse: User) -> None:
    url = reverse("user_role_grant", kwargs={"pk": nurse.pk})
    answer = page.post(url, {"role": "ward_nurse"})
    assert answer.status_code == 422
    assert "They already hold this role here." in answer.content.decode()
    assert page.post(url, {"role": "boss"}).status_code == 422


def test_role_ended_twice_says_so(page: Client, nurse: User) -> None:
    url = reverse("user_role_end", kwargs={"pk": nurse.memberships.get().pk})
    page.post(url)
    text = page.post(url, follow=True).content.decode()
    assert "This role has already been ended." in text


def test_login_is_deactivated_with_a_reason_and_activated_again(page: Client, nurse: User) -> None:
    theirs = Client()
    theirs.force_login(nurse)
    off = reverse("user_deactivate", kwargs={"pk": nurse.pk})
    assert page.post(off, {"reason": ""}).status_code == 422
    assert page.post(off, {"reason": "left the ward"}).status_code == 302
    assert theirs.get(reverse("permissions_table")).status_code == 302
    refused = page.post(off, {"reason": "left the ward"})
    assert "This login is already deactivated." in refused.content.decode()
    on = reverse("user_reactivate", kwargs={"pk": nurse.pk})
    assert page.post(on).status_code == 302
    assert "already active" in page.post(on, follow=True).content.decode()
    nurse.refresh_from_db()
    assert nurse.is_active


def test_new_password_signs_the_person_out_everywhere(page: Client, nurse: User) -> None:
    theirs = Client()
    theirs.force_login(nurse)
    url = reverse("user_password", kwargs={"pk": nurse.pk})
    weak = page.post(url, {"password": "short"})
    assert weak.status_code == 422
    assert "too short" in weak.content.decode()
    assert page.post(url, {"password": ""}).status_code == 422
    assert page.post(url, {"password": PASSWORD}).status_code == 302
    assert theirs.get(reverse("permissions_table")).status_code == 302


def test_own_page_offers_no_way_to_lock_oneself_out(page: Client, admin: User) -> None:
    text = page.get(reverse("user", kwargs={"pk": admin.pk})).content.decode()
    assert reverse("user_deactivate", kwargs={"pk": admin.pk}) not in text
    assert "another administrator can" in text


def test_person_of_another_centre_is_404_on_every_page(
    page: Client, user_with: UserWith, other_centre: Centre
) -> None:
    stranger = user_with("ward_nurse", at=other_centre)
    assert page.get(reverse("user", kwargs={"pk": stranger.pk})).status_code == 404
    for name in ("user_role_grant", "user_deactivate", "user_reactivate", "user_password"):
        answer = page.post(reverse(name, kwargs={"pk": stranger.pk}), {"reason": "x"})
        assert answer.status_code == 404, name
    membership = stranger.memberships.get()
    assert page.post(reverse("user_role_end", kwargs={"pk": membership.pk})).status_code == 404


def test_centre_is_switched_where_one_has_a_role(
    client: Client, nurse: User, centre: Centre, other_centre: Centre
) -> None:
    client.force_login(nurse)
    url = reverse("switch_centre")
    assert client.post(url, {"centre": other_centre.code}).status_code == 404
    Membership.objects.create(
        user=nurse, centre=other_centre, role="quality", granted_at=NOW, granted_by="test"
    )
    assert client.post(url, {"centre": other_centre.code})["Location"] == reverse("board")
    nurse.refresh_from_db()
    assert nurse.working_centre == other_centre


def test_everybody_signed_in_reads_who_may_do_what_in_both_languages(
    client: Client, nurse: User
) -> None:
    client.force_login(nurse)
    for language in ("en", "it"):
        answer = client.get(reverse("permissions_table"), headers={"Accept-Language": language})
        assert answer.status_code == 200
    assert '<th scope="row">' in answer.content.decode()
