"""Events that say in typed words what was treated: these may leave, but are looked at before."""

from collections.abc import Mapping

from exports.domain.typed_words import LEFT_OUT, Telling, tells
from pathway.timeline_papers import DOSE_CODES
from pathway.timeline_rows import CODES as MOVES

_THERAPIES = ("CONTAIN", "BRIDGE", "LD_")
# The disease, the lines before, donor and conditioning; drug, regimen and unit.
TYPED = frozenset({"DX", "TX_LINE", "ALLO", "DLI"}) | DOSE_CODES
TYPED |= {code for code in MOVES if code.startswith(_THERAPIES)}
_COLUMNS = ("label", "value", "unit")


def row_tells(row: Mapping[str, object], telling: Telling, *, dates: bool) -> bool:
    """Whether an event, by its columns as the union gives them, says who it is, or when."""
    if row["event_code"] not in TYPED:
        return False
    return tells([str(row[name] or "") for name in _COLUMNS], telling, dates=dates)


def without_words(row: Mapping[str, object]) -> Mapping[str, str]:
    """The columns of such a row in place of its own: that there was something, and no more."""
    label, value = (LEFT_OUT if row[name] else "" for name in _COLUMNS[:2])
    return {"label": label, "value": value, "unit": ""}
