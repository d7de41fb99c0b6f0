"""Which changes of a course still stand, and since when, after undos and moves back."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from pathway.domain.companions import COMPANIONS
from pathway.domain.machine import Machine
from pathway.domain.spine import SPINE, Stage
from pathway.models import Change
from pathway.models.journey import Precision

# The cause of a change that puts back what the change with the rest of it as cause had closed.
UNDO = "undo:"
# A step of these relies on how the companions before it ended.
_RELIED_ON = frozenset({SPINE.name, "apheresis", "product"})
_AFTER_DEPLETION = frozenset(
    {
        (SPINE.name, Stage.BRIDGING.value),
        (SPINE.name, Stage.INFUSION.value),
        ("product", "thawing"),
    }
)
_MACHINES: dict[str, "Machine[Any]"] = {SPINE.name: SPINE, **COMPANIONS}


def as_corrected(changes: Iterable[Change]) -> tuple[Change, ...]:
    """`changes`, given in the order of their sequence, each as it was last corrected.

    A correction stands at the place of what it corrects, so that order and causes are kept.
    """
    latest = {change.place: change for change in changes}
    return tuple(latest[place] for place in sorted(latest))


def misplaced(changes: Iterable[Change], machine: str, pk: int | None) -> tuple[Change, ...]:
    """The steps of one subject that lie before the step they follow, oldest first.

    A step follows the entry into the state it leaves; a move back follows the entry into the state
    it leads to, for what lies between may have been dated wrongly. Where nobody knows the day of a
    step, nothing is said about its order.
    """
    found: list[Change] = []
    way: tuple[Change, ...] = ()
    for change in changes:
        if _subject(change) != (machine, pk):
            continue
        back = bool(way) and takes_back(change)
        before = way_back(way, change.target) if back else way
        if change.known_on is not None:
            known = [one.happened_at for one in before if one.known_on is not None]
            # People give minutes: two steps of one minute are in the order they are entered.
            if known and change.happened_at < known[-1].replace(second=0, microsecond=0):
                found.append(change)
        way = before if back else (*way, change)
    return tuple(found)


def standing_changes(changes: Iterable[Change]) -> tuple[Change, ...]:
    """`changes`, in their order, without those taken back later and without the taking back.

    Taken back are what a death or an exit closed and its undo opened again, the exit itself, and
    an infusion that never was. Any other move back is a step of its own: a patient who returns to
    collection stands there from that day.
    """
    kept: list[Change] = []
    for change in changes:
        undone = _undone_by(change, kept)
        if undone is None:
            kept.append(change)
        else:
            kept.remove(undone)
    return tuple(kept)


def since_before_last(changes: Iterable[Change], machine: str, pk: int | None) -> date:
    """The day on which one subject came to the state that its last standing step left.

    That is since when it is there again once that last step is taken back.
    """
    steps = [c for c in standing_changes(changes) if _subject(c) == (machine, pk)]
    return steps[-2].happened_on


def way_to(changes: Iterable[Change], machine: str, pk: int | None) -> tuple[Change, ...]:
    """The steps that led one subject to where it stands, each later than the one before.

    A move back takes away every step after the state it leads to, so that the true time of a step
    typed too late can be entered anew.
    """
    way: list[Change] = []
    for change in changes:
        if _subject(change) != (machine, pk):
            continue
        if way and takes_back(change):
            way = list(way_back(way, change.target))
        else:
            way.append(change)
    return tuple(way)


def way_back(way: Iterable[Change], target: str) -> tuple[Change, ...]:
    """The part of `way` up to the latest entry of the state `target`; all of it without one."""
    steps = tuple(way)
    for end in range(len(steps), 0, -1):
        if steps[end - 1].target == target:
            return steps[:end]
    return steps


def takes_back(change: Change) -> bool:
    """Whether a change leads back to a state that the subject was in before."""
    if change.cause.startswith(UNDO):
        return True
    if not change.source:
        return False
    machine = _MACHINES[change.machine]
    move = machine.find(machine.state(change.source), machine.state(change.target))
    return move is not None and move.back


def takes_back_a_mistake(machine: str, source: str, target: str) -> bool:
    """Whether a move says that the step before it never was: out of an end, never infused.

    Out of the end of a companion only a correction leads: see SLIP in product_guards.py. So does
    the way out of quarantine of a product that has begun to run in.
    """
    if not source:
        return False
    if machine != SPINE.name:
        found = _MACHINES[machine]
        move = found.find(found.state(source), found.state(target))
        return move is not None and found.is_slip(move)
    never_infused = (source, target) == (Stage.INFUSION, Stage.LYMPHODEPLETION)
    return never_infused or Stage(source) in SPINE.ends


def first_recorded(changes: Iterable[Change]) -> dict[int, datetime]:
    """When the step at each place was first recorded, however often it was corrected since."""
    found: dict[int, datetime] = {}
    for change in changes:  # in the order of their sequence
        found.setdefault(change.place, change.recorded_at)
    return found


def answers(change: Change) -> frozenset[str]:
    """The warnings that got a reason at a step, as they were worded; none of an entered past."""
    return frozenset(one["said"] for one in change.overrides if "said" in one)


def latest_steps(
    changes: Iterable[Change], recorded: Mapping[int, datetime]
) -> "dict[tuple[str, int], dict[str, Any]]":
    """Of each companion, how it came to its state and whether the course has gone on since."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    steps = tuple(changes)
    returned = {
        one.subject_id: recorded[one.place]
        for one in steps
        if (one.machine, one.source, one.target) == ("product", "quarantined", "thawing")
    }
    for change in standing_changes(steps):
        if change.subject_id is not None:
            own = (change.machine, change.subject_id)
            before = found.get(own, {})
            found[own] = {
                "came_from": change.source,
                "followed": False,
                "answered": answers(change),
                "entered_at": recorded[change.place],
                "since_at": change.happened_at if change.precision == Precision.MINUTE else None,
                "before_at": before.get("since_at"),
                "returned_at": returned.get(change.subject_id) if own[0] == "product" else None,
            }
        for other, step in found.items() if not change.cause else ():
            step["followed"] |= other != _subject(change) and _relies(change, other[0])
    return found


def _relies(change: Change, other: str) -> bool:
    """Whether a step relies on how a companion of the machine `other` ended before it."""
    if change.machine == "bridging":
        return other == "apheresis" and change.target == "running"
    if other == "lymphodepletion":  # the product is made and moved whatever became of it
        return (change.machine, change.target) in _AFTER_DEPLETION
    return change.machine in _RELIED_ON


def _undone_by(change: Change, kept: list[Change]) -> Change | None:
    """The one of `kept` that `change` takes back; None when it stands for itself."""
    same = (c for c in reversed(kept) if _subject(c) == _subject(change))
    if change.cause.startswith(UNDO):
        cause = change.cause.removeprefix(UNDO)
        return next((earlier for earlier in same if earlier.cause == cause), None)
    if takes_back_a_mistake(change.machine, change.source, change.target):
        return next(same, None)
    return None


def _subject(change: Change) -> tuple[str, int | None]:
    return change.machine, change.subject_id
