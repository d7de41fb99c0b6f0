"""Logins and roles: who may give, end and close them, and every reason why not at once."""

from collections.abc import Callable
from io import StringIO
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from knox.models import AuthToken

from accounts import managing
from accounts.adapter import settle_centre
from accounts.managing import NewUser
from accounts.models import Centre, Membership, User
from accounts.opening import open_centre
from accounts.selectors import visible_users
from accounts.tokens import issue_token, revoke_token
from audit.models import AuditEvent
from terms.refusals import NotAllowed, Refused
from terms.roles import Role
from tests.conftest import NOW, UserWith

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough sentence"


@pytest.fixture
def admin(user_with: UserWith) -> User:
    """The administrator of the centre."""
    return user_with("centre_admin", username="admin.here")


def new_user(**given: Any) -> NewUser:
    return NewUser(
        **{
            "username": "Anna.Neri",
            "given_name": "Anna",
            "family_name": "Neri",
            "password": PASSWORD,
            "roles": ("ward_nurse",),
            **given,
        }
    )


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[tuple[str, str]]:
    return {(refusal.code, refusal.field) for refusal in refused.value.refusals}


def last_event() -> AuditEvent:
    return AuditEvent.objects.order_by("-pk")[0]


def test_new_login_works_at_the_administrators_centre_with_its_roles(
    admin: User, centre: Centre
) -> None:
    new = new_user(roles=("ward_nurse", "apheresis_nurse", "ward_nurse"))
    made = managing.create_user(new=new, actor=admin, now=NOW)
    made = User.objects.get(pk=made.pk)
    assert (made.username, made.working_centre, made.date_joined) == ("anna.neri", centre, NOW)
    assert made.roles == {"ward_nurse", "apheresis_nurse"}
    assert made.check_password(PASSWORD)
    assert not made.is_staff
    assert not made.is_superuser
    event = last_event()
    assert (event.action, event.object_id, event.actor_name) == (
        "user.create",
        str(made.pk),
        "admin.here",
    )
    assert PASSWORD not in str(event.after)


def test_new_login_names_every_fault_at_once(admin: User) -> None:
    new = new_user(
        username="ADMIN.here",
        given_name=" ",
        family_name="",
        email="no",
        password="short",
        roles=("boss", "ward_nurse"),
    )
    with pytest.raises(Refused) as refused:
        managing.create_user(new=new, actor=admin, now=NOW)
    assert codes(refused) == {
        ("username_taken", "username"),
        ("name_missing", "given_name"),
        ("name_missing", "family_name"),
        ("invalid", "email"),
        ("password", "password"),
        ("role_unknown", "roles"),
    }
    assert User.objects.count() == 1


@pytest.mark.parametrize("username", ["", "two words", "n" * 151])
def test_new_login_with_an_unusable_username_is_refused(admin: User, username: str) -> None:
    with pytest.raises(Refused) as refused:
        managing.create_user(new=new_user(username=username), actor=admin, now=NOW)
    assert codes(refused) == {("invalid", "username")}


def test_new_login_without_a_role_is_refused(admin: User) -> None:
    with pytest.raises(Refused) as refused:
        managing.create_user(new=new_user(roles=()), actor=admin, now=NOW)
    assert codes(refused) == {("role_missing", "roles")}


def test_role_given_counts_from_now_and_is_recorded(
    admin: User, user_with: UserWith, centre: Centre
) -> None:
    nurse = user_with("ward_nurse")
    membership = managing.grant_role(user_id=nurse.pk, role="pharmacist", actor=admin, now=NOW)
    assert (membership.centre, membership.granted_at, membership.granted_by) == (
        centre,
        NOW,
        "admin.here",
    )
    assert User.objects.get(pk=nurse.pk).roles == {"ward_nurse", "pharmacist"}
    assert (last_event().action, last_event().after) == ("user.grant_role", {"role": "pharmacist"})


@pytest.mark.parametrize(
    ("role", "fault"), [("ward_nurse", ("role_held", "role")), ("boss", ("role_unknown", "roles"))]
)
def test_role_held_already_or_unknown_is_refused(
    admin: User, user_with: UserWith, role: str, fault: tuple[str, str]
) -> None:
    nurse = user_with("ward_nurse")
    with pytest.raises(Refused) as refused:
        managing.grant_role(user_id=nurse.pk, role=role, actor=admin, now=NOW)
    assert codes(refused) == {fault}


def test_nobody_gives_a_role_to_themselves(admin: User) -> None:
    with pytest.raises(Refused) as refused:
        managing.grant_role(user_id=admin.pk, role="haematologist", actor=admin, now=NOW)
    assert codes(refused) == {("own_role", "")}
    assert refused.value.refusals[0].who_may == ("centre_admin",)
    assert User.objects.get(pk=admin.pk).roles == {"centre_admin"}


def test_role_ended_is_kept_with_who_ended_it(admin: User, user_with: UserWith) -> None:
    nurse = user_with("ward_nurse")
    managing.end_role(membership_id=nurse.memberships.get().pk, actor=admin, now=NOW)
    ended = nurse.memberships.get()
    assert (ended.ended_at, ended.ended_by) == (NOW, "admin.here")
    assert User.objects.get(pk=nurse.pk).roles == frozenset()
    assert (last_event().action, last_event().before) == ("user.end_role", {"role": "ward_nurse"})
    managing.grant_role(user_id=nurse.pk, role="ward_nurse", actor=admin, now=NOW)


def test_role_ended_twice_is_refused(admin: User, user_with: UserWith) -> None:
    pk = user_with("ward_nurse").memberships.get().pk
    managing.end_role(membership_id=pk, actor=admin, now=NOW)
    with pytest.raises(Refused) as refused:
        managing.end_role(membership_id=pk, actor=admin, now=NOW)
    assert codes(refused) == {("role_ended", "")}


def test_administrators_keep_their_own_administrator_role_but_may_end_others(
    user_with: UserWith,
) -> None:
    admin = user_with("centre_admin", "data_manager")
    administers, manages = admin.memberships.order_by("role")
    with pytest.raises(Refused) as refused:
        managing.end_role(membership_id=administers.pk, actor=admin, now=NOW)
    assert codes(refused) == {("own_administration", "")}
    managing.end_role(membership_id=manages.pk, actor=admin, now=NOW)
    other = user_with("centre_admin")
    managing.end_role(membership_id=administers.pk, actor=other, now=NOW)


def test_deactivated_login_loses_roles_and_tokens_and_gets_them_back(
    admin: User, user_with: UserWith
) -> None:
    nurse = user_with("ward_nurse")
    issue_token(actor=nurse, now=NOW)
    managing.deactivate_user(user_id=nurse.pk, reason=" left ", actor=admin, now=NOW)
    nurse = User.objects.get(pk=nurse.pk)
    assert (nurse.is_active, nurse.roles) == (False, frozenset())
    assert not AuthToken.objects.exists()
    assert (last_event().action, last_event().reason) == ("user.deactivate", "left")
    managing.reactivate_user(user_id=nurse.pk, actor=admin, now=NOW)
    assert User.objects.get(pk=nurse.pk).roles == {"ward_nurse"}
    assert last_event().action == "user.reactivate"


def test_own_login_cannot_be_deactivated_and_a_reason_is_needed(admin: User) -> None:
    with pytest.raises(Refused) as refused:
        managing.deactivate_user(user_id=admin.pk, reason=" ", actor=admin, now=NOW)
    assert codes(refused) == {("own_login", ""), ("reason_missing", "reason")}


def test_login_deactivated_or_reactivated_twice_is_refused(
    admin: User, user_with: UserWith
) -> None:
    nurse = user_with("ward_nurse")
    with pytest.raises(Refused) as refused:
        managing.reactivate_user(user_id=nurse.pk, actor=admin, now=NOW)
    assert codes(refused) == {("already_active", "")}
    managing.deactivate_user(user_id=nurse.pk, reason="left", actor=admin, now=NOW)
    with pytest.raises(Refused) as refused:
        managing.deactivate_user(user_id=nurse.pk, reason="left", actor=admin, now=NOW)
    assert codes(refused) == {("already_inactive", "")}


def test_new_password_ends_the_tokens_of_the_old_one(admin: User, user_with: UserWith) -> None:
    nurse = user_with("ward_nurse")
    issue_token(actor=nurse, now=NOW)
    managing.set_initial_password(user_id=nurse.pk, password=PASSWORD, actor=admin, now=NOW)
    assert User.objects.get(pk=nurse.pk).check_password(PASSWORD)
    assert not AuthToken.objects.exists()
    assert (last_event().action, last_event().after) == ("user.set_password", {})


def test_own_password_and_a_weak_one_are_refused_together(admin: User) -> None:
    with pytest.raises(Refused) as refused:
        managing.set_initial_password(user_id=admin.pk, password="short", actor=admin, now=NOW)
    assert codes(refused) == {("own_password", ""), ("password", "password")}


LOGIN_ACTS: list[Callable[[int, User], object]] = [
    lambda pk, actor: managing.deactivate_user(user_id=pk, reason="r", actor=actor, now=NOW),
    lambda pk, actor: managing.reactivate_user(user_id=pk, actor=actor, now=NOW),
    lambda pk, actor: managing.set_initial_password(
        user_id=pk, password=PASSWORD, actor=actor, now=NOW
    ),
]


@pytest.mark.parametrize("act", LOGIN_ACTS)
def test_login_also_used_at_another_centre_cannot_be_taken_over(
    act: Callable[[int, User], object],
    admin: User,
    user_with: UserWith,
    centre: Centre,
    other_centre: Centre,
) -> None:
    shared = user_with("haematologist", at=other_centre)
    here = Membership.objects.create(
        user=shared, centre=centre, role="haematologist", granted_at=NOW, granted_by="test"
    )
    with pytest.raises(Refused) as refused:
        act(shared.pk, admin)
    assert ("works_elsewhere", "") in codes(refused)
    managing.end_role(membership_id=here.pk, actor=admin, now=NOW)


@pytest.mark.parametrize("act", LOGIN_ACTS)
def test_people_of_another_centre_do_not_exist_here(
    act: Callable[[int, User], object], admin: User, user_with: UserWith, other_centre: Centre
) -> None:
    stranger = user_with("ward_nurse", at=other_centre)
    with pytest.raises(User.DoesNotExist):
        act(stranger.pk, admin)
    with pytest.raises(User.DoesNotExist):
        managing.grant_role(user_id=stranger.pk, role="pharmacist", actor=admin, now=NOW)
    with pytest.raises(Membership.DoesNotExist):
        managing.end_role(membership_id=stranger.memberships.get().pk, actor=admin, now=NOW)
    assert stranger not in visible_users(admin)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.CENTRE_ADMIN])
def test_only_administrators_manage_logins(role: Role, user_with: UserWith) -> None:
    actor, nurse = user_with(role), user_with("ward_nurse")
    for act in LOGIN_ACTS:
        with pytest.raises(NotAllowed):
            act(nurse.pk, actor)
    with pytest.raises(NotAllowed) as refused:
        managing.create_user(new=new_user(), actor=actor, now=NOW)
    assert refused.value.refusals[0].who_may == ("centre_admin",)
    assert not visible_users(actor).exists()


def test_switch_of_centre_changes_the_roles_one_has(
    user_with: UserWith, centre: Centre, other_centre: Centre
) -> None:
    user = user_with("ward_nurse")
    Membership.objects.create(
        user=user, centre=other_centre, role="quality", granted_at=NOW, granted_by="test"
    )
    assert user.roles == {"ward_nurse"}
    managing.switch_centre(centre_code=other_centre.code, actor=user, now=NOW)
    assert user.roles == {"quality"}
    assert User.objects.get(pk=user.pk).working_centre == other_centre
    assert last_event().before == {"working_centre": centre.pk}


def test_switch_to_a_centre_without_an_open_role_finds_nothing(
    user_with: UserWith, other_centre: Centre
) -> None:
    user = user_with("ward_nurse")
    Membership.objects.create(
        user=user,
        centre=other_centre,
        role="quality",
        granted_at=NOW,
        granted_by="test",
        ended_at=NOW,
    )
    with pytest.raises(Centre.DoesNotExist):
        managing.switch_centre(centre_code=other_centre.code, actor=user, now=NOW)


def test_who_lost_every_role_here_is_settled_where_one_is_left(
    user_with: UserWith, other_centre: Centre
) -> None:
    user = user_with()
    settle_centre(user)
    assert user.roles == frozenset()
    Membership.objects.create(
        user=user, centre=other_centre, role="quality", granted_at=NOW, granted_by="test"
    )
    settle_centre(user)
    assert (user.working_centre, set(user.roles)) == (other_centre, {"quality"})


def test_oldest_token_ends_when_there_are_too_many(user_with: UserWith) -> None:
    nurse = user_with("ward_nurse")
    issued = [issue_token(actor=nurse, now=NOW).text for _ in range(11)]
    keys = set(AuthToken.objects.values_list("token_key", flat=True))
    assert keys == {text[:15] for text in issued[1:]}
    assert last_event().action == "token.issue"


def test_revoked_token_of_somebody_else_stays(user_with: UserWith) -> None:
    nurse, other = user_with("ward_nurse"), user_with("ward_nurse")
    issue_token(actor=nurse, now=NOW)
    token = AuthToken.objects.get()
    revoke_token(token=token, actor=other, now=NOW)
    assert AuthToken.objects.exists()
    revoke_token(token=token, actor=nurse, now=NOW)
    assert not AuthToken.objects.exists()


def test_opened_centre_has_an_administrator_who_can_make_logins() -> None:
    admin = open_centre(
        code="BO", name=" Bologna ", administrator=new_user(roles=("centre_admin",)), now=NOW
    )
    centre = Centre.objects.get()
    assert (centre.name, centre.time_zone, set(admin.roles)) == (
        "Bologna",
        "Europe/Rome",
        {"centre_admin"},
    )
    assert (last_event().action, last_event().centre_id) == ("centre.open", centre.pk)
    managing.create_user(new=new_user(username="nurse"), actor=admin, now=NOW)


def test_centre_that_cannot_be_opened_names_every_fault(centre: Centre) -> None:
    for code in (centre.code, "no spaces", ""):
        with pytest.raises(Refused) as refused:
            open_centre(
                code=code,
                name=" ",
                administrator=new_user(password="short"),
                now=NOW,
                time_zone="Europe/Nowhere",
            )
        about_code = "centre_exists" if code == centre.code else "centre_code"
        assert codes(refused) == {
            (about_code, "code"),
            ("centre_name", "name"),
            ("time_zone", "time_zone"),
            ("password", "password"),
        }
    assert Centre.objects.count() == 1


COMMAND = [
    "create_admin",
    "--centre-code=BO",
    "--centre-name=Bologna",
    "--username=capo",
    "--given-name=Ada",
    "--family-name=Neri",
]


def test_create_admin_takes_the_password_from_environment_file_or_prompt(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    out = StringIO()
    monkeypatch.setenv("INITIAL_ADMIN_PASSWORD", PASSWORD)
    call_command(*COMMAND, stdout=out)
    assert User.objects.get(username="capo").check_password(PASSWORD)
    assert "BO" in out.getvalue()
    (tmp_path / "secret").write_text(f"{PASSWORD} two\n")
    monkeypatch.setenv("INITIAL_ADMIN_PASSWORD_FILE", str(tmp_path / "secret"))
    call_command(*COMMAND, "--centre-code=MI", "--username=capo2", stdout=out)
    assert User.objects.get(username="capo2").check_password(f"{PASSWORD} two")
    monkeypatch.delenv("INITIAL_ADMIN_PASSWORD_FILE")
    monkeypatch.delenv("INITIAL_ADMIN_PASSWORD")
    monkeypatch.setattr("getpass.getpass", lambda prompt: f"{PASSWORD} three")
    call_command(*COMMAND, "--centre-code=TO", "--username=capo3", stdout=out)
    assert User.objects.get(username="capo3").check_password(f"{PASSWORD} three")


def test_create_admin_prints_every_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INITIAL_ADMIN_PASSWORD", "short")
    with pytest.raises(CommandError, match=r"(?s)time_zone: .*password: "):
        call_command(*COMMAND, "--time-zone=Nowhere")
    assert not Centre.objects.exists()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_administrators_ending_each_others_role_at_once_leave_one(
    user_with: UserWith,
) -> None:
    pair = [user_with("centre_admin"), user_with("centre_admin")]
    targets = [pair[1].memberships.get().pk, pair[0].memberships.get().pk]
    for actor in pair:
        assert actor.roles  # both looked before either acted
    start, refused = Barrier(2), []

    def end(actor: User, membership_id: int) -> None:
        start.wait()
        try:
            managing.end_role(membership_id=membership_id, actor=actor, now=NOW)
        except NotAllowed:
            refused.append(actor)
        finally:
            connection.close()

    threads = [Thread(target=end, args=each) for each in zip(pair, targets, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert Membership.objects.filter(ended_at=None).count() == 1
