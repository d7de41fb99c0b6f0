"""What schedules that were published before they could say it mean by saying nothing."""

from protocol.domain.reading import Setting
from reminders.domain.calendar import Kind

# By the beginnings of their codes, as the calendar chose items before protocols named its kinds.
_SHOWN = {"CNS_IT": Kind.LUMBAR_PUNCTURE, "VISIT": Kind.VISIT}


def shown_by_code(code: str) -> Setting[str] | None:
    """As what the calendar shows an item of a schedule in which none says so."""
    for beginning, kind in _SHOWN.items():
        if code.startswith(beginning):
            return Setting(kind.value, "Programme default", confirmed=False)
    return None
