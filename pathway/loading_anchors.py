"""The dates that others are counted from, as guards see them."""

from collections.abc import Iterable
from datetime import date

from patients.models import Anchor
from patients.models.courses import AnchorKind


def planned_infusion(anchors: Iterable[Anchor]) -> date | None:
    """Day 0 as it is planned, or as it was before it came."""
    planned = [a.planned_on for a in anchors if a.kind == AnchorKind.INFUSION]
    return planned[-1] if planned else None
