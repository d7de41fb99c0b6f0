"""Answers of one form that cannot both be true: said to whoever typed them, never settled."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from toxicity.bedside.signs_fields import FLUIDS, ICE_ITEMS, LOW, NORMAL, PRESSORS
from toxicity.domain.icans import AWAKENS, UNAROUSABLE, IceItems


def contradictions(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The field to put right and what to say about it, for each of them."""
    said, ticked = given.get("pressure"), given.get("vasopressors")
    if said == PRESSORS and not ticked and "vasopressors" in given:
        yield "vasopressors", _("Tick which vasopressors are given.")
    if said in (NORMAL, FLUIDS, LOW) and ticked:
        yield "pressure", _("Vasopressors are ticked: say “on vasopressors”, or take them away.")
    if given.get("o2_device") == "none" and given.get("o2_flow_lpm"):
        yield "o2_device", _("A flow of oxygen is given: say through what, or take it away.")
    if given.get("o2_is_baseline") and given.get("o2_device") not in (
        None,
        "",
        "nasal_cannula",
        "cpap",
        "bipap",
    ):
        yield "o2_is_baseline", _("Nobody has this at home: take the tick away.")
    yield from _ice(given)


def _ice(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    total = given.get("ice_total")
    bounds = IceItems(**{name: given.get(f"ice_{name}") for name in ICE_ITEMS}).bounds()
    whole = total is not None or (bounds is not None and bounds[0] == bounds[1])
    if given.get("ice_not_done_reason") and whole:
        yield "ice_not_done_reason", _("ICE has a score: leave one of them, the score or why not.")
    elif total is not None and bounds is not None and not bounds[0] <= total <= bounds[1]:
        low, high = bounds
        items = str(low) if low == high else f"{low}–{high}"
        text = _("The total is %(total)s, its items give %(items)s: put one of them right.")
        yield "ice_total", text % {"total": total, "items": items}
    if given.get("ice_not_done_reason") == UNAROUSABLE and given.get("arousal") in AWAKENS:
        yield "arousal", _("ICE was not done as unarousable: put that right, or how one awakens.")
