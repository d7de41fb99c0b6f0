"""What schedules that were published before they could say it mean by saying nothing."""

from collections.abc import Sequence

from protocol.domain.reading import Setting
from reminders.domain.calendar import Kind
from reminders.domain.levels import Phase, SpanUnit

# By the beginnings of their codes, as the calendar chose items before protocols named its kinds.
_SHOWN = {"CNS_IT": Kind.LUMBAR_PUNCTURE, "VISIT": Kind.VISIT}


def shown_by_code(code: str) -> Setting[str] | None:
    """As what the calendar shows an item of a schedule in which none says so."""
    for beginning, kind in _SHOWN.items():
        if code.startswith(beginning):
            return Setting(kind.value, "Programme default", confirmed=False)
    return None


# A phase that ends after so long was written to last as long as anybody lives.
_MONTHS_OF_A_LIFE = 1200


def lasting_by_phases(phases: Sequence[Phase]) -> Setting[bool] | None:
    """Whether an item of a schedule in which none says so is asked for life."""
    last = phases[-1].until if phases else None
    if last is None or last.value.unit is not SpanUnit.MONTHS:
        return None
    if last.value.count < _MONTHS_OF_A_LIFE:
        return None
    return Setting(True, last.source, confirmed=last.confirmed)
