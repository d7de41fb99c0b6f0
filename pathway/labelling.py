"""What a product or a collection lacks on its labels: entered by one, confirmed alone by another.

Something that stands already is corrected with a reason and never silently: where a check compared
it, the product goes into quarantine until two people have checked again.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.recording import record
from pathway.domain import labels as rules_of
from pathway.domain.facts import LOST_PRODUCT
from pathway.domain.labels import LABELS_OF, TOO_LATE, Label
from pathway.donation_numbers import refuse_taken
from pathway.effects import IDENTITY
from pathway.identity_checks import refuse_signature, roles_here
from pathway.identity_snapshots import labels_now
from pathway.loading import CourseState, load_state
from pathway.loading_companions import MODELS
from pathway.models import Companion, IdentityCheck, LabelEntry, LabelReading, Product
from pathway.quarantining import TOLD, quarantine
from patients.courses import lock_course, raise_version
from patients.models import Course
from reminders.notices import raise_notice
from terms.day_numbers import local_date
from terms.refusals import NotAllowed, Refusal, Refused
from terms.words import N_


@transaction.atomic
def enter_label(
    *,
    course_id: int,
    machine: str,
    pk: int,
    name: str,
    value: str,
    signed_in_at: datetime,
    actor: User,
    now: datetime,
    reason: str = "",
) -> LabelEntry:
    """Keep what the first person read off a label; nothing changes until a second one confirms.

    Raises Course.DoesNotExist, the companion's DoesNotExist, NotAllowed, or Refused with every
    reason at once.
    """
    course = lock_course(course_id, actor=actor)
    if name not in LABELS_OF.get(machine, ()):
        raise Refused([Refusal("unknown_label", N_("There is no such label."))])
    subject = MODELS[machine]._default_manager.get(course=course, pk=pk)
    state = load_state(course)
    kept, refusals = rules_of.read_label(name, value, local_date(now, course.centre.zone))
    before = value_of(subject, name)
    refusals = [
        *entering_refusals(state, subject, machine, name, actor),
        *_refuse_signature(state, signed_in_at, now),
        *refusals,
        *_refuse_value(subject, name, kept, before, reason),
    ]
    _raise(refusals)
    entry = LabelEntry.objects.create(
        course=course,
        **{"attempt" if machine == "apheresis" else "product": subject},
        name=name,
        value=kept,
        before=before,
        reason=reason.strip() if before else "",
        entered_at=now,
        entered_by=actor,
        signed_in_at=signed_in_at,
    )
    _note(entry, "label.enter", actor, now, before={name: before}, reason=entry.reason)
    return entry


def entering_refusals(
    state: CourseState, subject: Companion, machine: str, name: str, actor: User
) -> list[Refusal]:
    """Everything against `actor` entering a label, whatever it says; the page asks this too."""
    refusals = rules_of.refuse_role(machine, roles_here(actor, state.course))
    before = value_of(subject, name)
    if before and any(_too_late(state, product, name, before) for product in _made_of(subject)):
        refusals.append(
            Refusal(
                code="label_checked",
                message=N_("Two people have compared this with the labels: it stands as it is."),
            )
        )
    return refusals


@transaction.atomic
def confirm_label(
    *,
    course_id: int,
    entry_id: int,
    value: str,
    signed_in_at: datetime,
    actor: User,
    now: datetime,
) -> LabelReading:
    """Keep what a second person read off the same label: the same lets it count, else it is void.

    Raises Course.DoesNotExist, LabelEntry.DoesNotExist, NotAllowed, or Refused with every reason.
    """
    course = lock_course(course_id, actor=actor)
    entry = LabelEntry.objects.get(course=course, pk=entry_id)
    subject = subject_of(entry)
    state = load_state(course)
    kept, unread = rules_of.read_label(entry.name, value, local_date(now, course.centre.zone))
    agrees = rules_of.same(kept, entry.value)
    _raise(
        [
            *confirming_refusals(state, entry, actor),
            *_refuse_signature(state, signed_in_at, now),
            *unread,
            *(_refuse_taken(subject, entry.name, kept) if agrees and not unread else ()),
        ]
    )
    reading = LabelReading.objects.create(
        entry=entry,
        value=kept,
        agrees=agrees,
        read_at=now,
        read_by=actor,
        signed_in_at=signed_in_at,
    )
    if agrees:
        _let_count(state, subject, entry, actor, now)
    _note(
        entry, "label.confirm", actor, now, before={entry.name: entry.before},
        after={entry.name: entry.value, "agrees": agrees}, reason=entry.reason,
    )  # fmt: skip
    return reading


def confirming_refusals(state: CourseState, entry: LabelEntry, actor: User) -> list[Refusal]:
    """Everything against `actor` confirming an entry; the page asks this too."""
    subject = subject_of(entry)
    refusals = entering_refusals(state, subject, entry.machine, entry.name, actor)
    if entry.entered_by_id == actor.pk:
        refusals.append(
            Refusal("same_person", N_("You have entered this: somebody else confirms it."))
        )
    refusals += _refuse_first_person(entry, state.course)
    if LabelReading.objects.filter(entry=entry).exists():
        refusals.append(Refusal("label_over", N_("A second person has read this already.")))
    later = LabelEntry.objects.filter(
        name=entry.name, attempt=entry.attempt_id, product=entry.product_id, pk__gt=entry.pk
    )
    if later.exists() or value_of(subject, entry.name) != entry.before:
        refusals.append(Refusal("label_stale", N_("This has been entered anew since.")))
    return refusals


def value_of(subject: Companion, name: str) -> str:
    """What is recorded of a label; empty when nothing is."""
    value = getattr(subject, name)
    return value.isoformat() if hasattr(value, "isoformat") else str(value or "")


def subject_of(entry: LabelEntry) -> Companion:
    """The companion whose label it is."""
    found = MODELS[entry.machine]._default_manager
    return found.get(pk=entry.attempt_id or entry.product_id or 0)


def stop_on_doubt(
    state: CourseState, product: Product, cause: str, actor: User, now: datetime
) -> bool:
    """Stop and quarantine when what is recorded of `product` is in doubt now; whether it was.

    In doubt is a chain of identity named in two ways, or a label that two people compared as
    something else.
    """
    if product.state in LOST_PRODUCT:
        return False
    recorded, conflict = labels_now(state.course, product)
    if not conflict and not _checked_otherwise(product, recorded):
        return False
    raise_notice(
        course=state.course,
        code="labels_in_doubt",
        roles=TOLD,
        params={"on": local_date(now, state.course.centre.zone)},
        about=f"labels:{product.pk}",
        actor=actor,
        now=now,
    )
    reason = _("What is recorded of the labels does not agree.")
    quarantine(state, product, reason=reason, cause=f"{IDENTITY}{cause}", actor=actor, now=now)
    return True


def _checked_otherwise(product: Product, recorded: dict[str, str]) -> bool:
    """Whether the last check that passed compared something else that is recorded now."""
    passed = _passed(product)
    return bool(passed) and bool(
        [
            name
            for name in rules_of.changed_since(passed[-1].kind, passed[-1].snapshot, recorded)
            if name in list(Label) and passed[-1].snapshot.get(name)
        ]
    )


def _passed(product: Product) -> list[IdentityCheck]:
    """The checks of a product that two people passed, in order."""
    checks = IdentityCheck.objects.filter(product=product, scans__number=2, scans__mismatches=[])
    return list(checks.order_by("pk"))


def _made_of(subject: Companion) -> list[Product]:
    """The products that a label is about."""
    if isinstance(subject, Product):
        return [subject]
    return list(Product.objects.filter(course_id=subject.course_id).order_by("pk"))


def _too_late(state: CourseState, product: Product, name: str, before: str) -> bool:
    """Whether two people compared `before` and no new check at receipt can follow any more."""
    row = next(one for one in state.of("product") if one.pk == product.pk)
    gone = product.state in TOO_LATE or "thawing" in row.reached
    return gone and any(
        rules_of.same(check.snapshot.get(name, ""), before) for check in _passed(product)
    )


def _refuse_value(
    subject: Companion, name: str, kept: str, before: str, reason: str
) -> list[Refusal]:
    if not kept:
        return []
    if before and rules_of.same(kept, before):
        return [Refusal("no_change", N_("This is what is recorded already."), field="value")]
    refusals = _refuse_taken(subject, name, kept)
    if before and not reason.strip():
        refusals.append(
            Refusal("reason_missing", N_("A correction needs a reason."), field="reason")
        )
    return refusals


def _refuse_taken(subject: Companion, name: str, kept: str) -> list[Refusal]:
    return refuse_taken(kept, subject.pk, field="value") if name == Label.DIN else []


def _refuse_first_person(entry: LabelEntry, course: Course) -> list[Refusal]:
    if not rules_of.refuse_role(entry.machine, roles_here(entry.entered_by, course)):
        return []
    return [
        Refusal(
            code="first_person_gone",
            message=N_("Who entered this may not do so any more: enter it anew."),
        )
    ]


def _refuse_signature(state: CourseState, at: datetime, now: datetime) -> list[Refusal]:
    rules = state.facts(on=local_date(now, state.course.centre.zone)).rules.identity_checks
    return refuse_signature(at, timedelta(minutes=rules.sign_in_minutes.value), now)


def _let_count(
    state: CourseState, subject: Companion, entry: LabelEntry, actor: User, now: datetime
) -> None:
    """Put the value in its place, and stop where it sets in doubt what was checked."""
    column = subject._meta.get_field(entry.name)
    setattr(subject, entry.name, column.to_python(entry.value))  # type: ignore[union-attr]
    subject.save(update_fields=[entry.name])
    raise_version(state.course)
    for product in _made_of(subject):
        stop_on_doubt(state, product, f"label:{entry.pk}", actor, now)


def _raise(refusals: list[Refusal]) -> None:
    if any(refusal.code == "role" for refusal in refusals):
        raise NotAllowed(refusals)
    if refusals:
        raise Refused(refusals)


def _note(entry: LabelEntry, action: str, actor: User, now: datetime, **told: Any) -> None:
    course = entry.course
    record(
        actor=actor,
        now=now,
        action=action,
        obj=entry,
        course_id=course.pk,
        patient_id=course.patient_id,
        **told,
    )
