"""Names of machines, states and moves in the reader's language."""

from typing import Any

from django.utils.translation import gettext as _

from pathway.domain.companions import COMPANIONS
from pathway.domain.machine import Move
from pathway.domain.spine import SPINE, SPINE_ORDER, STAGE_LABELS, Stage


def machine_name(machine: str) -> str:
    """The machine as a heading."""
    return _((SPINE if machine == SPINE.name else COMPANIONS[machine]).label)


def stage_name(stage: str) -> str:
    """A stage of the journey."""
    return _(STAGE_LABELS[Stage(stage)])


def state_name(machine: str, state: str) -> str:
    """A state of a companion, or a stage for the journey."""
    if machine == SPINE.name:
        return stage_name(state)
    found = COMPANIONS[machine]
    return _(found.labels[found.state(state)])


def move_name(machine: str, move: "Move[Any]") -> str:
    """A move as its button says it."""
    target = state_name(machine, move.target.value)
    if machine != SPINE.name:
        slip = COMPANIONS[machine].is_slip(move)
        return _("Recorded by mistake: back to %(state)s") % {"state": target} if slip else target
    if move.back:
        return _("Back to: %(stage)s") % {"stage": target}
    if move.target in SPINE_ORDER:
        return _("Go on to: %(stage)s") % {"stage": target}
    return _("End: %(stage)s") % {"stage": target}
