"""Reading the labels of a product or a collection: never what the first person read, until both."""

from dataclasses import dataclass

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from pathway.domain.labels import LABELS_OF, Label, refuse_role
from pathway.labelling import value_of
from pathway.loading import CourseState
from pathway.loading_companions import MODELS, CompanionRow
from pathway.models import Companion, LabelEntry, Order, Product
from patients.models import Course
from terms.refusals import NotAllowed


@dataclass(frozen=True)
class LabelStanding:
    """One label as it stands: its value, whether two people read it, what waits, what was."""

    machine: str
    pk: int
    name: str
    value: str
    by_two: bool
    waiting: LabelEntry | None
    entries: tuple[LabelEntry, ...]  # those that counted, the latest first
    order_says: str = ""  # what the order names instead


def labels_of(state: CourseState, row: CompanionRow) -> tuple[LabelStanding, ...]:
    """The labels of a companion; of a product also the number of the collection it is made of."""
    subject = MODELS[row.machine]._default_manager.get(pk=row.pk)
    found = [_standing(subject, row.machine, name) for name in LABELS_OF[row.machine]]
    if isinstance(subject, Product):
        pk = subject.collection_id or _adequate(state)
        if pk is not None:
            attempt = MODELS["apheresis"]._default_manager.get(pk=pk)
            found.insert(0, _standing(attempt, "apheresis", Label.DIN))
    return tuple(found)


def require_reader(user: User, machine: str) -> None:
    """Raise NotAllowed for somebody who handles no label of `machine`."""
    require(user, Permission.SEE_IDENTITY)
    refusals = refuse_role(machine, user.roles)
    if refusals:
        raise NotAllowed(refusals)


def entry_of(course: Course, pk: int) -> LabelEntry:
    """An entry of a course the caller may see. Raises LabelEntry.DoesNotExist."""
    return LabelEntry.objects.select_related("entered_by").get(course=course, pk=pk)


def _adequate(state: CourseState) -> int | None:
    enough = [row for row in state.of("apheresis") if row.state == "adequate"]
    return enough[-1].pk if enough else None


def _standing(subject: Companion, machine: str, name: str) -> LabelStanding:
    about = {"attempt" if machine == "apheresis" else "product": subject.pk}
    entries = list(
        LabelEntry.objects.filter(**about, name=name)
        .select_related("reading", "entered_by", "reading__read_by")
        .order_by("-pk")
    )
    value, latest = value_of(subject, name), entries[:1]
    counted = tuple(one for one in entries if hasattr(one, "reading") and one.reading.agrees)
    waits = [one for one in latest if not hasattr(one, "reading") and one.before == value]
    return LabelStanding(
        machine=machine,
        pk=subject.pk,
        name=name,
        value=value,
        by_two=any(one.value == value for one in counted[:1]),
        waiting=waits[0] if waits else None,
        entries=counted,
        order_says=_order_coi(subject) if name == Label.COI else "",
    )


def _order_coi(subject: Companion) -> str:
    orders = Order.objects.filter(product=subject.pk).exclude(coi_id="").order_by("-pk")
    return orders.values_list("coi_id", flat=True).first() or ""
