"""Links to the checklists of a course: all of them, and the one behind a move."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from pathway.domain.companions import ELIGIBILITY
from pathway.domain.gate_rules import GATE_LABELS, Gate
from pathway.domain.machine import Move
from pathway.gating import MOVES


def sheets(course_id: int) -> tuple[tuple[str, str], ...]:
    """Name and address of every checklist, in the order of the pathway."""
    gates = ((_(GATE_LABELS[gate]), _gate(course_id, gate)) for gate in Gate)
    return ((_("Eligibility review"), reverse("review", args=[course_id])), *gates)


def sheet_of(course_id: int, machine: str, move: "Move[Any]") -> tuple[str, str] | None:
    """Name and address of the checklist that a move is asked about; None for most moves."""
    gate = MOVES.get((machine, move.source.value, move.target.value))
    if gate is not None:
        return _(GATE_LABELS[gate]), _gate(course_id, gate)
    if machine == ELIGIBILITY.name and move.source.value in ("assessing", "mdt_review"):
        return _("Eligibility review"), reverse("review", args=[course_id])
    return None


def _gate(course_id: int, gate: Gate) -> str:
    return reverse("gate", args=[course_id, gate.value])
