"""Reading the papers of a companion for its page and the API."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pathway.loading import CourseState
from pathway.loading_companions import CompanionRow
from pathway.models import OosSignature
from pathway.models.papers import Paper
from pathway.paper_forms import kinds_of


@dataclass(frozen=True)
class Papers:
    """The papers of one companion, the latest of each kind first."""

    by_kind: Mapping[str, tuple[Paper, ...]]
    signatures: Mapping[int, tuple[OosSignature, ...]] = field(default_factory=dict)

    def of(self, kind: str) -> tuple[Paper, ...]:
        """The papers of one kind."""
        return self.by_kind.get(kind, ())


def papers_of_companion(machine: str, pk: int) -> Papers:
    """Every paper of a companion that the caller may see."""
    about = {"product_id": pk} if machine == "product" else {"attempt_id": pk}
    found = {
        code: tuple(kind.model._default_manager.filter(**about).order_by("-pk"))
        for code, kind in kinds_of(machine).items()
    }
    signatures: dict[int, tuple[OosSignature, ...]] = {}
    if found.get("oos"):
        given = OosSignature.objects.filter(record__product_id=pk).select_related("signer")
        for one in given.order_by("pk"):
            signatures[one.record_id] = (*signatures.get(one.record_id, ()), one)
    return Papers(found, signatures)


def companion_or_404(state: CourseState, machine: str, pk: int) -> CompanionRow:
    """One companion of a course that keeps papers. Raises LookupError for any other."""
    row = next((row for row in state.of(machine) if row.pk == pk), None)
    if row is None or not kinds_of(machine):
        raise LookupError(f"{machine} {pk}")
    return row
