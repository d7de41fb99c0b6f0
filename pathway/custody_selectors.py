"""Reading the chain of custody of a product, and finding where it does not hold."""

from dataclasses import dataclass

from audit.selectors import events_of_course
from pathway.custody_rows import MOVED
from pathway.domain.custody import OF_MOVE, Act, broken_at
from pathway.models import Change, CustodyEntry, Product
from patients.models import Course
from terms.refusals import Refusal
from terms.words import N_

# What the audit says that must be in the chain.
WRITING = ("custody.write", "custody.witness", "custody.deviation")


@dataclass(frozen=True)
class Chain:
    """The entries of a product in order, who witnessed which, and what does not hold."""

    entries: tuple[CustodyEntry, ...]
    faults: tuple[Refusal, ...]

    @property
    def written(self) -> tuple[CustodyEntry, ...]:
        """The entries without those that only say something of another."""
        return tuple(entry for entry in self.entries if entry.about is None)

    @property
    def stopping(self) -> tuple[CustodyEntry, ...]:
        """The entries that stop the product as long as no deviation number says otherwise."""
        open_ = (entry for entry in self.written if not self.deviation_of(entry))
        return tuple(entry for entry in open_ if entry.faults)

    def deviation_of(self, entry: CustodyEntry) -> str:
        """The number of the deviation that an entry is; empty while there is none."""
        later = (one for one in self.entries if one.about == entry.number)
        return next((one.remark for one in later if one.act == Act.DEVIATION), "")

    def witness_of(self, entry: CustodyEntry) -> str:
        """Who witnessed an entry; empty for nobody yet."""
        if entry.witness is not None:
            return entry.witness.get_full_name()
        later = (one for one in self.entries if one.about == entry.number)
        seen = (one.signer.get_full_name() for one in later if one.act == Act.WITNESS)
        return next(seen, "")


def chain_of(product: Product) -> Chain:
    """The chain of a product the caller may see, verified as it is read."""
    found = CustodyEntry.objects.filter(product=product).select_related("signer", "witness")
    entries = tuple(found.order_by("number"))
    return Chain(entries, tuple(_faults(product, entries)))


def entry_of(course: Course, pk: int) -> CustodyEntry:
    """An entry of a course the caller may see. Raises CustodyEntry.DoesNotExist."""
    return CustodyEntry.objects.select_related("signer", "product").get(course=course, pk=pk)


def _faults(product: Product, entries: tuple[CustodyEntry, ...]) -> list[Refusal]:
    """Where the chain breaks, and what stands elsewhere but is missing at its end."""
    broken = broken_at([entry.link for entry in entries])
    faults = []
    if broken is not None:
        message = N_("The chain is broken at entry %(number)s.")
        faults.append(Refusal("chain_broken", message, {"number": broken}))
    hashes = {entry.hash for entry in entries}
    for event in events_of_course(product.course_id, *WRITING):
        if event.after["product"] == product.pk and event.after["hash"] not in hashes:
            message = N_("Entry %(number)s stands in the audit but not in the chain.")
            faults.append(Refusal("entry_missing", message, {"number": event.after["number"]}))
    if _moves_missing(product, entries):
        message = N_("A move of the product is missing in the chain.")
        faults.append(Refusal("move_missing", message))
    return faults


def _moves_missing(product: Product, entries: tuple[CustodyEntry, ...]) -> bool:
    """Whether the product moved after the chain began without an entry of it."""
    causes = {entry.cause for entry in entries}
    moves = Change.objects.filter(
        course_id=product.course_id, machine="product", subject_id=product.pk, supersedes=None,
        transcribed=False, target__in=list(OF_MOVE),
    ).order_by("sequence")  # fmt: skip
    began = [entry.recorded_at for entry in entries[:1]]
    if began:
        moves = moves.filter(recorded_at__gte=began[0])
    numbers = moves.values_list("sequence", flat=True)
    return any(f"{MOVED}{number}" not in causes for number in numbers)
