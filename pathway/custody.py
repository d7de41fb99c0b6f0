"""Writing the chain of custody by hand: entries, who witnessed one, the number of a deviation."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from audit.recording import record
from pathway.custody_rows import append
from pathway.deviations import DEVIATION_ROLES
from pathway.domain.custody import TEXTS, WITNESSED_BY, WRITTEN_BY, Act, refuse_values
from pathway.domain.custody_ranges import read_celsius, refuse_celsius
from pathway.domain.identity_checks import role_refusal
from pathway.domain.rules import PathwayRules
from pathway.identity_checks import refuse_signature, roles_here
from pathway.loading import load_state
from pathway.models import CustodyEntry, Product
from pathway.quarantining import stop_on_fault
from pathway.timing import refuse_time
from patients.courses import lock_course
from patients.models import Course
from protocol.selectors import settings_of
from terms.refusals import NotAllowed, Refusal, Refused
from terms.words import N_

LONGEST_NUMBER = 40


@transaction.atomic
def write_entry(
    *,
    course_id: int,
    product_id: int,
    act: str,
    at: datetime,
    values: Mapping[str, str],
    signed_in_at: datetime,
    actor: User,
    now: datetime,
) -> CustodyEntry:
    """Append what `actor` did with a product, signed by signing in again.

    Damage or an excursion is kept as well and stops the product: look at `faults` of the answer.
    Raises Course.DoesNotExist, Product.DoesNotExist, NotAllowed, or Refused with every reason.
    """
    course = lock_course(course_id, actor=actor)
    product = Product.objects.select_related("course__centre").get(course=course, pk=product_id)
    if act not in WRITTEN_BY:
        raise Refused([Refusal("unknown_act", N_("There is no such entry."))])
    said = {name: values.get(name, "").strip() for name in (*TEXTS, "temperature", "condition")}
    degrees = {"celsius": values.get("celsius", "")}
    _raise(
        [
            *refuse_writer(act, roles_here(actor, course)),
            *_refuse_signature(course, signed_in_at, now),
            *_at(refuse_time(course, at, now)),
            *refuse_values(act, said),
            *refuse_celsius(said | degrees, _rules(course).custody),
        ]
    )
    celsius = read_celsius(degrees["celsius"])
    entry = append(product, act, at, actor, now, **said, celsius=celsius)
    note(entry, "custody.write", actor, now)
    if entry.faults:
        cause = f"custody:{entry.pk}"
        stop_on_fault(load_state(course), product, entry.faults, cause=cause, actor=actor, now=now)
    return entry


@transaction.atomic
def witness_entry(
    *, course_id: int, entry_id: int, signed_in_at: datetime, actor: User, now: datetime
) -> CustodyEntry:
    """Append that `actor` was there when somebody else did what an entry says.

    Raises Course.DoesNotExist, CustodyEntry.DoesNotExist, NotAllowed, or Refused with every reason.
    """
    course = lock_course(course_id, actor=actor)
    entries = CustodyEntry.objects.select_related("product__course__centre")
    entry = entries.get(course=course, pk=entry_id)
    _raise(
        [
            *refuse_witness(entry, actor, roles_here(actor, course)),
            *_refuse_signature(course, signed_in_at, now),
        ]
    )
    witnessed = append(entry.product, Act.WITNESS, now, actor, now, about=entry.number)
    note(witnessed, "custody.witness", actor, now)
    return witnessed


@transaction.atomic
def number_entry(
    *, course_id: int, entry_id: int, number: str, actor: User, now: datetime
) -> CustodyEntry:
    """Append the hospital's number for the deviation that an entry is.

    Raises Course.DoesNotExist, CustodyEntry.DoesNotExist, NotAllowed, or Refused with every reason.
    """
    course = lock_course(course_id, actor=actor)
    entries = CustodyEntry.objects.select_related("product__course__centre")
    entry, kept = entries.get(course=course, pk=entry_id), number.strip()
    _raise([*refuse_number(entry, roles_here(actor, course)), *_refuse_text(kept)])
    numbered = append(
        entry.product, Act.DEVIATION, now, actor, now, about=entry.number, remark=kept
    )
    note(numbered, "custody.deviation", actor, now)
    return numbered


def refuse_number(entry: CustodyEntry, roles: frozenset[str]) -> list[Refusal]:
    """Everything against numbering an entry as a deviation; the page asks this too."""
    may = tuple(role.value for role in DEVIATION_ROLES)
    refusals = [role_refusal(may)] if roles.isdisjoint(may) else []
    if not entry.faults:
        refusals.append(Refusal("no_fault", N_("This entry notes no damage and no excursion.")))
    same = CustodyEntry.objects.filter(product=entry.product_id, about=entry.number)
    if same.filter(act=Act.DEVIATION).exists():
        refusals.append(Refusal("deviation_known", N_("The deviation number is recorded already.")))
    return refusals


def _refuse_text(number: str) -> list[Refusal]:
    if not number:
        return [Refusal("value_missing", N_("This is needed."), field="number")]
    if len(number) > LONGEST_NUMBER:
        message = N_("At most %(longest)s characters.")
        return [Refusal("too_long", message, {"longest": LONGEST_NUMBER}, field="number")]
    return []


def refuse_writer(act: str, roles: frozenset[str]) -> list[Refusal]:
    """The refusal of somebody who writes no entry of `act`; the page asks this too."""
    may = tuple(role.value for role in WRITTEN_BY[act])
    return [role_refusal(may)] if roles.isdisjoint(may) else []


def refuse_witness(entry: CustodyEntry, actor: User, roles: frozenset[str]) -> list[Refusal]:
    """Everything against `actor` witnessing an entry; the page asks this too."""
    may = tuple(role.value for role in WITNESSED_BY)
    refusals = [role_refusal(may)] if roles.isdisjoint(may) else []
    if entry.act not in WRITTEN_BY or entry.cause:
        refusals.append(Refusal("not_by_hand", N_("Only what was written by hand is witnessed.")))
    if entry.signer_id == actor.pk:
        refusals.append(Refusal("same_person", N_("You have signed this: the witness is another.")))
    same = CustodyEntry.objects.filter(product=entry.product_id, about=entry.number)
    if same.filter(act=Act.WITNESS).exists():
        refusals.append(Refusal("witnessed", N_("This has been witnessed already.")))
    return refusals


def _refuse_signature(course: Course, at: datetime, now: datetime) -> list[Refusal]:
    limit = timedelta(minutes=_rules(course).identity_checks.sign_in_minutes.value)
    return refuse_signature(at, limit, now)


def _rules(course: Course) -> PathwayRules:
    return PathwayRules.of(settings_of(course.protocol))


def _at(refusals: list[Refusal]) -> list[Refusal]:
    return [Refusal(one.code, one.message, params=one.params, field="at") for one in refusals]


def _raise(refusals: list[Refusal]) -> None:
    if any(refusal.code == "role" for refusal in refusals):
        raise NotAllowed(refusals)
    if refusals:
        raise Refused(refusals)


def note(entry: CustodyEntry, action: str, actor: User, now: datetime) -> None:
    """Say in the audit that an entry was appended."""
    course = entry.course
    record(
        actor=actor,
        now=now,
        action=action,
        obj=entry,
        course_id=course.pk,
        patient_id=course.patient_id,
        after={
            "product": entry.product_id,
            "number": entry.number,
            "act": entry.act,
            "hash": entry.hash,
        },
    )
