"""Two-person checks of a product's identity: begin one, read alone, stop on any mismatch.

There is no override: a mismatch voids the check and puts the product into quarantine in the same
transaction, and the guards of domain/identity_guards.py are hard as long as the infusion waits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.recording import record
from pathway.custody_rows import follow_check
from pathway.domain import identity_checks as rules_of
from pathway.domain.guards import patient_alive
from pathway.domain.identity_checks import (
    READ_NAMES,
    STATES,
    CheckKind,
    IdentityCheckRules,
    Outcome,
    Reading,
)
from pathway.effects import IDENTITY
from pathway.identity_snapshots import labels_now, missing_of, snapshot_of
from pathway.loading import CourseState, load_state
from pathway.models import IdentityCheck, IdentityScan, Product
from pathway.quarantining import quarantine, running_in, tell_mismatch
from patients.courses import lock_course
from patients.domain.numbers import refuse_unclear
from patients.models import Course
from patients.numbers import numbers_of
from terms.day_numbers import local_date
from terms.refusals import NotAllowed, Refusal, Refused
from terms.words import N_


@dataclass(frozen=True)
class Standing:
    """A check with its readings and how it stands now."""

    check: IdentityCheck
    scans: tuple[IdentityScan, ...]
    outcome: Outcome

    @property
    def readings(self) -> tuple[Reading, ...]:
        """What was read, as the rules look at it."""
        return tuple(_reading(scan) for scan in self.scans)


def standing_of(check: IdentityCheck, rules: IdentityCheckRules, now: datetime) -> Standing:
    """How `check` stands at `now`."""
    scans = tuple(check.scans.select_related("person").order_by("number"))
    readings = [_reading(scan) for scan in scans]
    return Standing(check, scans, rules_of.outcome_of(check.opened_at, readings, now, rules))


@transaction.atomic
def open_check(
    *, course_id: int, product_id: int, kind: str, actor: User, now: datetime
) -> IdentityCheck:
    """Begin a check: freeze what two people will compare the labels with.

    Raises Course.DoesNotExist, Product.DoesNotExist, NotAllowed, or Refused with every reason.
    """
    course = lock_course(course_id, actor=actor)
    product = Product.objects.get(course=course, pk=product_id)
    state = load_state(course)
    snapshot = snapshot_of(course, product)
    _raise(opening_refusals(state, product, kind, snapshot, actor, now))
    check = IdentityCheck.objects.create(
        course=course,
        product=product,
        kind=kind,
        snapshot=snapshot,
        opened_at=now,
        opened_by=actor,
    )
    _note(check, "identity_check.open", actor, now, {"kind": kind, "product": product.pk})
    return check


def opening_refusals(
    state: CourseState,
    product: Product,
    kind: str,
    snapshot: Mapping[str, str],
    actor: User,
    now: datetime,
) -> list[Refusal]:
    """Everything against `actor` beginning a check of `product` now; the page asks this too."""
    refusals = rules_of.refuse_person(kind, actor.pk, actor.roles, ())
    refusals += _refuse_place(state, product, kind)
    refusals += labels_now(state.course, product)[1]
    today = local_date(now, state.course.centre.zone)
    rules = state.facts(on=today).rules.identity_checks
    missing = missing_of(snapshot, rules)
    if "hospital_id" in missing:
        unclear = refuse_unclear(numbers_of(state.course.patient))
        refusals += unclear
        missing = tuple(name for name in missing if name != "hospital_id" or not unclear)
    if missing:
        refusals.append(
            Refusal(
                code="labels_unknown",
                message=N_("Not recorded, so nothing can be compared with it: %(missing)s."),
                params={"missing": tuple(READ_NAMES[name] for name in missing)},
            )
        )
    if product.expires_on is not None and product.expires_on < today:
        refusals.append(
            Refusal(
                code="product_expired",
                message=N_("The product expired on %(on)s."),
                params={"on": product.expires_on},
            )
        )
    for check in IdentityCheck.objects.filter(product=product, kind=kind).order_by("-pk")[:1]:
        if standing_of(check, rules, now).outcome is Outcome.OPEN:
            refusals.append(
                Refusal(code="check_running", message=N_("A check of this product is under way."))
            )
    return refusals


def _refuse_place(state: CourseState, product: Product, kind: str) -> list[Refusal]:
    """What is against checking a product where it stands now."""
    row = next(one for one in state.of("product") if one.pk == product.pk)
    refusals = []
    thawed = "thawing" in row.reached and kind == CheckKind.RECEIPT
    if product.state not in STATES[kind] or thawed or running_in(state, product.state):
        refusals.append(
            Refusal(
                code="not_to_be_checked",
                message=N_("The product is not where it is checked in this way."),
            )
        )
    dead = patient_alive(state.facts(on=state.journey.stage_since))
    return refusals + ([dead] if dead is not None and kind == CheckKind.BEDSIDE else [])


@transaction.atomic
def sign_scan(
    *,
    course_id: int,
    check_id: int,
    read: Mapping[str, Any],
    signed_in_at: datetime,
    actor: User,
    now: datetime,
) -> IdentityScan:
    """Keep what `actor`, who signed in again at `signed_in_at`, read alone.

    A mismatch is kept as well and stops everything: look at `mismatches` of the answer. Raises
    Course.DoesNotExist, IdentityCheck.DoesNotExist, NotAllowed, or Refused with every reason.
    """
    course = lock_course(course_id, actor=actor)
    # As things are now, under the lock: what the request began with may have ended since.
    person = User.objects.get(pk=actor.pk)
    held = roles_here(person, course)
    check = IdentityCheck.objects.select_related("product__course__centre").get(
        course=course, pk=check_id
    )
    state = load_state(course)
    rules = state.facts(on=state.journey.stage_since).rules.identity_checks
    standing = standing_of(check, rules, now)
    _raise(
        [
            *scan_refusals(state, standing, person, held),
            *refuse_signature(signed_in_at, timedelta(minutes=rules.sign_in_minutes.value), now),
            *rules_of.unreadable(check.kind, check.snapshot, read),
        ]
    )
    names = (*rules_of.scanned_names(check.kind, check.snapshot), *rules_of.ANSWERED[check.kind])
    scan = IdentityScan.objects.create(
        check_of=check,
        number=len(standing.scans) + 1,
        person=person,
        roles=sorted(held),
        signed_in_at=signed_in_at,
        scanned_at=now,
        scanned={name: read[name] for name in names},
        mismatches=list(rules_of.mismatches(check.kind, check.snapshot, read)),
    )
    found = {"check": check.pk, "number": scan.number, "mismatches": scan.mismatches}
    _note(check, "identity_check.scan", person, now, {**found, "signed_in_at": signed_in_at})
    _follow(state, standing, scan, person, now)
    return scan


def _follow(
    state: CourseState, standing: Standing, scan: IdentityScan, person: User, now: datetime
) -> None:
    """What a reading brings about: custody of who agreed, or the stop of everything."""
    check = standing.check
    if scan.mismatches:
        follow_check(check.product, check.pk, (person,), passed=False, now=now)
        _stop(state, check, scan, person, now)
    elif standing.scans:
        readers = (standing.scans[0].person, person)
        follow_check(check.product, check.pk, readers, passed=True, now=now)


def scan_refusals(
    state: CourseState, standing: Standing, person: User, held: frozenset[str] | None = None
) -> list[Refusal]:
    """Everything against `person` reading next in a check; the page asks this too.

    `held` are the roles that they hold at the course's centre, where that was looked up anew.
    """
    check = standing.check
    roles = person.roles if held is None else held
    refusals = rules_of.refuse_person(check.kind, person.pk, roles, standing.readings)
    if standing.outcome is not Outcome.OPEN:
        return [*refusals, Refusal(code=f"check_{standing.outcome}", message=_OVER)]
    refusals += _refuse_place(state, check.product, check.kind)
    recorded, against = labels_now(state.course, check.product)
    refusals += against
    if recorded != check.snapshot:
        refusals.append(
            Refusal(
                code="snapshot_stale",
                message=N_("What is recorded has changed since the check began: begin a new one."),
            )
        )
    refusals += _refuse_first_person(standing, state.course)
    return refusals


_OVER = N_("This check is over. A new one has to be begun.")


def _refuse_first_person(standing: Standing, course: Course) -> list[Refusal]:
    """Whoever read first still works here in a role they read in."""
    may = frozenset(rules_of.who_may(standing.check.kind))
    for scan in standing.scans:
        if roles_here(scan.person, course).isdisjoint(may & frozenset(scan.roles)):
            return [
                Refusal(
                    code="first_person_gone",
                    message=N_("Who read first may not do so any more: begin a new check."),
                )
            ]
    return []


def roles_here(person: User, course: Course) -> frozenset[str]:
    """The roles that an active person holds now at the centre of `course`, wherever they work."""
    held = person.memberships.filter(ended_at=None, centre_id=course.centre_id)
    return frozenset(held.values_list("role", flat=True)) if person.is_active else frozenset()


def refuse_signature(signed_in_at: datetime, limit: timedelta, now: datetime) -> list[Refusal]:
    """What stands against a signature: somebody signed in again not long before it."""
    if timedelta(0) <= now - signed_in_at <= limit:
        return []
    return [
        Refusal(
            code="sign_in_again",
            message=N_("Type your password again to sign what you read."),
            field="password",
        )
    ]


def _stop(
    state: CourseState, check: IdentityCheck, scan: IdentityScan, person: User, now: datetime
) -> None:
    """Tell, and put the product into quarantine; in quarantine already, it stays there."""
    tell_mismatch(
        state.course,
        rules_of.KIND_NAMES[check.kind],
        about=f"identity_check:{check.pk}",
        actor=person,
        now=now,
    )
    names = ", ".join(_(READ_NAMES[name]) for name in scan.mismatches)
    quarantine(
        state,
        check.product,
        reason=_("The identity check found a mismatch: %(names)s.") % {"names": names},
        cause=f"{IDENTITY}{check.pk}",
        actor=person,
        now=now,
    )


def _reading(scan: IdentityScan) -> Reading:
    return Reading(
        person=scan.person_id,
        roles=frozenset(scan.roles),
        at=scan.scanned_at,
        mismatches=tuple(scan.mismatches),
    )


def _raise(refusals: list[Refusal]) -> None:
    if any(refusal.code == "role" for refusal in refusals):
        raise NotAllowed(refusals)
    if refusals:
        raise Refused(refusals)


def _note(
    check: IdentityCheck, action: str, actor: User, now: datetime, after: Mapping[str, Any]
) -> None:
    course = check.course
    record(
        actor=actor,
        now=now,
        action=action,
        obj=check,
        course_id=course.pk,
        patient_id=course.patient_id,
        after=dict(after),
    )
