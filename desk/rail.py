"""Figure 2 of one course: the spine with what runs beside it, from its changes."""

from datetime import date

from django.utils.translation import gettext as _

from accounts.wording import day_text
from desk.shapes import RailBox, RailState, RailView
from pathway.domain.rules import PathwayRules
from pathway.domain.spine import SPINE, SPINE_ORDER, Stage
from pathway.loading import CourseState
from pathway.loading_companions import CompanionRow
from pathway.models import Change
from pathway.wording import machine_name, stage_name, state_name
from patients.models import Anchor
from patients.models.courses import AnchorKind
from protocol.selectors import settings_of

# The planned date that stands in a box not yet reached.
_PLANNED = {
    Stage.APHERESIS: AnchorKind.APHERESIS,
    Stage.LYMPHODEPLETION: AnchorKind.LYMPHODEPLETION,
    Stage.INFUSION: AnchorKind.INFUSION,
}
_OVER = {
    "containment": {"closed", "cancelled", "not_needed"},
    "product": {"stored", "thawing", "infused"},
    "bridging": {"none", "closed", "stopped_early", "cancelled"},
}
_LOST = {"failed", "rejected", "discarded", "wasted", "cancelled", "stopped_early"}


def rail_view(state: CourseState, reasons: dict[str, str], today: date) -> RailView:
    """The rail of a course; `reasons` names hold reasons in the reader's language."""
    return RailView(
        boxes=tuple(_box(stage, state, reasons, today) for stage in SPINE_ORDER),
        of=state.course.code,
    )


def _box(stage: Stage, state: CourseState, reasons: dict[str, str], today: date) -> RailBox:
    standing = _standing_stage(state)
    here = stage == standing
    entered, left = _time_in(stage, state)
    passed = SPINE_ORDER.index(stage) < SPINE_ORDER.index(standing)
    held = [reasons[h.reason_code] for h in state.open_holds if h.step == stage.value]
    ended = state.journey.stage in SPINE.ends or not state.journey.active
    if not (passed or here):
        # Of a course that ended no plan stands: what was planned is in its dates.
        entered, left = None if ended else _planned(stage, state), None
    rules = PathwayRules.of(settings_of(state.course.protocol))
    return RailBox(
        label=stage_name(stage),
        state=_end_state(here=here)
        if ended and not passed
        else _state(passed, here, bool(held), unchecked=stage.value in state.transcribed_stages),
        start=entered,
        end=left if passed else None,
        days=_days(entered, left if passed else None if ended else today)
        if passed or here
        else None,
        target=rules.target_days(stage),
        note=", ".join(held) if held else _ending(here, state),
        here=here,
        unchecked=(passed or here) and stage.value in state.transcribed_stages,
        lanes=_lanes(state, today) if stage is Stage.BRIDGING else (),
        beside=_lane(state, "containment", today) if stage is Stage.ELIGIBILITY else None,
    )


def _standing_stage(state: CourseState) -> Stage:
    """The spine's stage where the course stands, or from which it left by an exit."""
    stage = Stage(state.journey.stage)
    return stage if stage in SPINE_ORDER else Stage(state.journey.left_stage)


def _ending(here: bool, state: CourseState) -> str:
    """The death or the exit, written in the box where the course stood."""
    if not here:
        return ""
    if state.deceased_on is not None:
        return _("Died %(on)s") % {"on": day_text(state.deceased_on)}
    exited = Stage(state.journey.stage) not in SPINE_ORDER
    return stage_name(state.journey.stage) if exited else ""


def _end_state(*, here: bool) -> RailState:
    """Of the box in which a course ended, and of those that it will not reach."""
    return RailState.ENDED if here else RailState.UNREACHED


def _state(passed: bool, here: bool, held: bool, *, unchecked: bool) -> RailState:
    if held and not passed:
        return RailState.HELD
    if here:
        return RailState.CURRENT
    if passed:
        return RailState.UNCHECKED if unchecked else RailState.DONE
    return RailState.PLANNED


def _time_in(stage: Stage, state: CourseState) -> tuple[date | None, date | None]:
    """When the course last came to `stage` and when it then left."""
    moves = [change for change in state.standing_changes if change.machine == SPINE.name]
    entered = next((c for c in reversed(moves) if c.target == stage.value), None)
    left = next((c for c in moves if _left(c, stage, entered)), None)
    return (entered.known_on if entered else None, left.known_on if left else None)


def _left(change: Change, stage: Stage, entered: Change | None) -> bool:
    return entered is not None and change.source == stage and change.sequence > entered.sequence


def _planned(stage: Stage, state: CourseState) -> date | None:
    kind = _PLANNED.get(stage)
    anchor: Anchor | None = state.anchor(kind) if kind else None
    return anchor.planned_on if anchor else None


def _days(start: date | None, end: date | None) -> int | None:
    return (end - start).days if start is not None and end is not None else None


def _lanes(state: CourseState, today: date) -> tuple[RailBox, ...]:
    lanes = (_lane(state, "product", today), _lane(state, "bridging", today))
    return tuple(lane for lane in lanes if lane is not None)


def _lane(state: CourseState, machine: str, today: date) -> RailBox | None:
    """The latest companion of a machine as a box; a planned-looking one when there is none yet."""
    rows = state.of(machine)
    if not rows:
        return _empty_lane(state, machine)
    begun = [row for row in rows if row.state not in ("planned", "cancelled")]
    row = (begun or list(rows))[-1]
    start = min(row.reached.values(), default=row.known_since)
    over = row.state in _OVER[machine] or row.state in _LOST
    title = row.title if machine != "product" else ""
    name, expired = state_name(machine, row.state), row.expired(today)
    if expired:
        name = _("Expired (%(state)s)") % {"state": name.lower()}
    return RailBox(
        label=machine_name(machine),
        state=RailState.HELD if expired else _lane_state(row, machine),
        start=start,
        end=row.reached.get("stored", row.known_since) if over else None,
        note=f"{title}: {name.lower()}" if title else name,
    )


def _empty_lane(state: CourseState, machine: str) -> RailBox | None:
    """Nothing recorded: to come while it still can, else no box, since not recorded is not none."""
    passed = SPINE_ORDER.index(_standing_stage(state)) > SPINE_ORDER.index(Stage.BRIDGING)
    if machine == "containment" or passed or not state.journey.active:
        return None
    return RailBox(label=machine_name(machine), state=RailState.PLANNED)


def _lane_state(row: CompanionRow, machine: str) -> RailState:
    if row.state in ("on_hold", "quarantined", "oos", "material_excursion", "product_excursion"):
        return RailState.HELD
    if row.state in ("cancelled", "not_needed", "none"):
        return RailState.SKIPPED
    if row.state in _LOST:
        return RailState.ENDED
    if row.state in _OVER[machine]:
        return RailState.UNCHECKED if row.state in row.transcribed else RailState.DONE
    return RailState.PLANNED if row.state in ("planned", "ordered") else RailState.CURRENT
