"""Every address × method × role × centre answers as access_matrix.toml says, and leaks nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import resolve, reverse
from django.utils import translation

from accounts.api_requests import etag
from accounts.idle import begin_session
from accounts.models import Centre, User
from accounts.permissions import ROLE_PERMISSIONS, Permission
from exports.fields.kinds import Level
from pathway.dosing import DoseOrder
from pathway.models import EligibilityReview
from patients.anchors import plan_date
from patients.holds import open_hold
from patients.mistaken import mark_patient
from patients.mistaken_facts import mark_fact
from patients.models import Consent
from patients.stays import admit, discharge
from reminders.appointing import Booking, book
from reminders.hand_tasks import NewTask, add_task
from reminders.models import Notice, Reminder
from terms.roles import Role
from tests.conftest import (
    NOW,
    Refer,
    UserWith,
    make_centre,
    make_protocol,
    making_users,
    referring,
)
from tests.exporting import asked
from tests.walking import Walk
from tests.web.access_matrix import TABLE, Address, Row, addresses, read_table
from toxicity.domain.icans import IcansSigns
from toxicity.given_refusals import GivenDose, InfectionFacts
from toxicity.giving import give_treatment
from toxicity.infections import record_infection
from toxicity.recording import log_check
from toxicity.seen import Seen

TOMORROW = NOW + timedelta(days=1)
SECTIONS = read_table()
ROWS = {row.key: row for rows in SECTIONS.values() for row in rows}


@dataclass(frozen=True)
class Place:
    """One centre with an object of every kind, and texts that must not leave it."""

    objects: dict[str, str]
    identifying: tuple[str, ...]  # for nobody without SEE_IDENTITY
    canaries: tuple[str, ...]  # for nobody of another centre


@dataclass(frozen=True)
class World:
    """Two centres and a browser for everybody of the first one."""

    own: Place
    other: Place
    clients: dict[str, Client]
    everything: Client  # somebody with every role


@pytest.fixture(scope="module")
def _made(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """One world for the whole module, rolled back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        translation.deactivate()
        cache.clear()
        yield _world()
        transaction.set_rollback(True)


@pytest.fixture
def world(_made: World, db: None) -> Iterator[World]:
    """Everything there is to ask for, made through the real services; the day after is now."""
    with time_machine.travel(TOMORROW, tick=False):
        yield _made


def _world() -> World:
    centre = make_centre()
    elsewhere = Centre.objects.create(code="PAV", name="Pavia")
    user_with, refer_patient = making_users(centre), referring(make_protocol())
    own = _place(centre, "Quarzo", user_with, refer_patient)
    other = _place(elsewhere, "Zaffiro", user_with, refer_patient)
    with time_machine.travel(TOMORROW, tick=False):
        clients = {role.value: _client(user_with(role, username=f"own-{role}")) for role in Role}
        return World(
            own=own,
            other=other,
            clients=clients | {"anonymous": _client(None)},
            everything=_client(user_with(*Role, username="everything")),
        )


def _place(centre: Centre, family: str, user_with: UserWith, refer_patient: Refer) -> Place:
    coordinator = user_with("coordinator", at=centre, username=f"person-{family.lower()}")
    course = refer_patient(
        coordinator, family_name=family, given_name=f"{family}ina", number=f"{family}-4711"
    )
    walk = Walk(course, user_with).to_eligibility()
    contained = walk.open("containment", drug="dexamethasone", drug_class="systemic_steroid")
    [dose] = walk.order("containment", DoseOrder("dexamethasone", route="po"))
    walk.move("containment", "cancelled", reason="not needed after all")
    course.refresh_from_db()
    hold = open_hold(
        course_id=course.pk,
        step="eligibility",
        reason_code="PERSONAL",
        began_on=NOW.date(),
        actor=coordinator,
        now=NOW,
    )
    admit(
        course_id=course.pk, unit="ward", place="", on=date(2026, 11, 1), actor=coordinator, now=NOW
    )
    discharge(course_id=course.pk, on=date(2026, 11, 2), actor=coordinator, now=NOW)
    walk.note("note", text=f"of {family} all the same")
    about: dict[str, Any] = {"course_id": course.pk, "actor": coordinator, "now": NOW}
    plan_date(**about, kind="infusion", planned_on=date(2027, 1, 20), reason="")
    treatment = give_treatment(
        **about,
        given=GivenDose(
            "other", NOW, "crs", other_drug=family, hides_fever="no", remark=f"told {family}ina"
        ),
        confirmed=["before_infusion", "dose_unknown"],
    )
    infection = record_infection(
        **about,
        infection=InfectionFacts(
            NOW.date(), "other", "lung", other_organism=family, remark=f"of {family}ina"
        ),
    )
    appointment = book(
        **about,
        booking=Booking("visit", NOW.date(), place=f"with {family}", remark=f"{family}ina comes"),
    )
    task = add_task(
        **about,
        task=NewTask(
            NOW.date(),
            label=f"call {family}ina",
            role="coordinator",
            every=1,
            unit="weeks",
            last=NOW.date() + timedelta(days=7),
        ),
    )
    fact_mark = mark_fact(
        course_id=course.pk,
        kind="note",
        fact_id=course.coursenotes.get().pk,
        reason="another patient's",
        actor=walk.by("haematologist"),
        now=NOW,
    )
    course.refresh_from_db()
    ordering = refer_patient(
        coordinator, family_name=family, given_name=f"{family}ina", number=f"{family}-4711-2"
    )
    product = Walk(ordering, user_with).to_apheresis().open("product", "coordinator")
    baseline = log_check(
        course_id=course.pk,
        seen=Seen(
            observed_at=NOW - timedelta(hours=1),
            icans=IcansSigns(ice_total=10),
            baseline=True,
            handwriting=f"{family} writes",
        ),
        actor=coordinator,
        now=NOW,
    ).assessment
    manager = user_with("data_manager", at=centre, username=f"manager-{family.lower()}")
    export = asked(manager, NOW)
    unsigned = asked(manager, NOW, level=Level.IDENTIFIED)
    wrong = refer_patient(coordinator, family_name=f"{family}lapsus", number=f"{family}-0")
    mark = mark_patient(
        patient_id=wrong.patient_id,
        confirmation=f"{family}lapsus",
        reason="twice",
        actor=coordinator,
        now=NOW,
    )
    identifying = (family, family.upper(), f"{family}ina", f"{family}-4711")
    return Place(
        objects={
            "user": str(coordinator.pk),
            "membership": str(coordinator.memberships.get().pk),
            "course": str(course.pk),
            "patient": str(course.patient_id),
            "number": str(course.patient.identifiers.get().pk),
            "version": str(course.version),
            "etag": etag(course.pk, course.version),
            "protocol": course.protocol.code,
            "protocol_version": str(course.protocol_id),
            "hold": str(hold.pk),
            "mark": str(mark.pk),
            "fact_mark": str(fact_mark.pk),
            "stay": str(course.stays.get().pk),
            "treatment": str(treatment.pk),
            "infection": str(infection.pk),
            "appointment": str(appointment.pk),
            "notice": str(Notice.objects.get(course=course, about=f"hold:{hold.pk}").pk),
            "reminder": str(
                Reminder.objects.filter(course=course, item="MARROW").earliest("pk").pk
            ),
            "task": str(task.pk),
            "consent": str(Consent.objects.filter(course=course)[0].pk),
            "ordering": str(ordering.pk),
            "export": str(export.pk),
            "unsigned": str(unsigned.pk),
            "assessment": str(baseline.pk),
            "product": str(product.pk),
            "containment": str(contained.pk),
            "dose": str(dose.pk),
            "review": str(EligibilityReview.objects.get(course=course).pk),
        },
        identifying=identifying,
        canaries=(*identifying, coordinator.username),
    )


def _client(user: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if user is not None:
        # Usable as allauth sees it, and quicker than hashing one nobody types.
        User.objects.filter(pk=user.pk).update(password="known to nobody")
        client.force_login(User.objects.get(pk=user.pk))
        session = client.session
        begin_session(session, TOMORROW)  # else each of some thousand requests would, in vain
        session.save()
    return client


@contextmanager
def undone(client: Client) -> Iterator[None]:
    """Whatever happens inside is rolled back, in the database and in the browser."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    client.cookies = cookies


def ask(client: Client, row: Row, place: Place) -> tuple[int, str]:
    """The status and everything that was sent back: headers and body; for a 500 its exception."""
    kwargs = {
        keyword: kind.strip("'") if kind.startswith("'") else place.objects[kind]
        for keyword, kind in row.kwargs.items()
    }
    url = reverse(row.name, kwargs=kwargs)
    send: Callable[..., Any] = getattr(client, row.method.lower())
    extra: dict[str, Any] = {}
    if url.startswith("/api/") and row.method != "GET":
        body = row.body
        for kind, value in place.objects.items():
            body = body.replace(f"@{kind}@", value)
        extra = {"content_type": "application/json", "data": body}
    if row.method == "PATCH" and "expected_version" not in row.body:
        extra["headers"] = {"If-Match": place.objects["etag"]}
    with undone(client):
        response = send(url, **extra)
        answer = response.getvalue()
    if response.status_code == 500:
        return 500, repr(response.exc_info[1])
    return response.status_code, f"{response.headers} {answer.decode(errors='replace')}"


def _asked_elsewhere(row: Row) -> set[str]:
    """Everybody who may at home, and one of those who may not: they are all turned away alike."""
    refused = [who for who, statuses in row.roles.items() if statuses == {403}]
    return {"anonymous", *row.roles} - set(refused[1:])


def faults_of(row: Row, world: World) -> list[str]:
    """Every way in which the site answers otherwise than `row` says, and to whom."""
    faults: dict[str, list[str]] = {}
    elsewhere_asked = _asked_elsewhere(row)
    for who, client in world.clients.items():
        named = who != "anonymous" and Permission.SEE_IDENTITY in ROLE_PERMISSIONS[Role(who)]
        hidden = world.other.canaries if named else world.other.canaries + world.own.identifying
        asked = [("", world.own, row.anonymous if who == "anonymous" else row.roles[who])]
        if row.other and who in elsewhere_asked:
            elsewhere = row.anonymous if who == "anonymous" else row.expected_of_other(who)
            asked.append((" elsewhere", world.other, elsewhere))
        for where, place, allowed in asked:
            status, said = ask(client, row, place)
            if status not in allowed:
                why = said if status == 500 else ""
                faults.setdefault(f"{status}{where}, not {sorted(allowed)} {why}", []).append(who)
            for text in hidden:
                if text in said:
                    faults.setdefault(f"shows {text}{where}", []).append(who)
    return [f"{row.name} {row.method}: {what}: {', '.join(who)}" for what, who in faults.items()]


@pytest.mark.no_cover
@pytest.mark.django_db
@pytest.mark.parametrize("section", SECTIONS)
def test_every_role_gets_what_the_table_says(section: str, world: World) -> None:
    faults = [fault for row in SECTIONS[section] for fault in faults_of(row, world)]
    assert not faults, "\n".join(faults)


def accepts(address: Address, method: str, world: World) -> bool:
    """Whether an address knows the method: it answers 405 to those it does not know."""
    kinds = next((row.kwargs for row in ROWS.values() if row.name == address.name), {})
    row = Row(address.name, method, kinds, {}, frozenset(), frozenset())
    return set(kinds) != address.kwargs or ask(world.everything, row, world.own)[0] != 405


@pytest.mark.no_cover
@pytest.mark.django_db
def test_every_address_and_method_has_its_row(world: World) -> None:
    missing = [
        f"{address.name} {method}   ({address.route})"
        for address in addresses()
        for method in address.methods
        if (address.name, method) not in ROWS and accepts(address, method, world)
    ]
    kinds = ", ".join(world.own.objects)
    assert not missing, (
        f"No row in {TABLE.name} for:\n"
        + "\n".join(missing)
        + '\nAdd one each, such as "course(pk=course) GET" = "all=200 anonymous=302 other=404"; '
        + f"kinds of objects: {kinds}."
    )


def test_no_address_hides_behind_another() -> None:
    """What answers an address is the page of its name, not an earlier one of the same form."""
    hidden = []
    for row in ROWS.values():
        kwargs = {
            name: kind.strip("'") if kind.startswith("'") else "7"
            for name, kind in row.kwargs.items()
        }
        found = resolve(reverse(row.name, kwargs=kwargs)).view_name
        if found != row.name:
            hidden.append(f"{row.name} behind {found}")
    assert hidden == []


def test_every_row_has_its_address() -> None:
    known = {address.name: address.kwargs for address in addresses()}
    stale = [row.name for row in ROWS.values() if known.get(row.name) != frozenset(row.kwargs)]
    assert not stale


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('"board" = "all=200 anonymous=302"', "is not"),
        ('"board GET" = "boss=200 anonymous=302"', "neither a role nor a group"),
        ('"board GET" = "quality=200 anonymous=302"', "says nothing of apheresis_nurse"),
        ('"board GET" = "all=200"', "says nothing of anonymous"),
        ('"board GET" = "all=200 anonymous=302 other=404"', "`other` belongs"),
        ('"course(pk=course) GET" = "all=200 anonymous=302"', "`other` belongs"),
    ],
)
def test_row_that_cannot_be_read_is_named(line: str, fault: str, tmp_path: Path) -> None:
    file = tmp_path / "table.toml"
    file.write_text(f"[groups]\n[pages]\n{line}\n")
    with pytest.raises(ValueError, match=fault):
        read_table(file)


def test_refused_roles_may_be_refused_the_same_way_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "table.toml"
    file.write_text(
        "[groups]\n[pages]\n"
        '"x(pk=course, kind=\'lab\') POST" = "quality=200|422 rest=403 anonymous=302 other=404"\n'
    )
    (row,) = read_table(file)["pages"]
    assert row.kwargs == {"pk": "course", "kind": "'lab'"}
    assert row.roles["quality"] == {200, 422}
    assert row.expected_of_other("quality") == {404}
    assert row.expected_of_other("pharmacist") == {403, 404}
