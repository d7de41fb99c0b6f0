"""What a thermometer may show for each state of temperature in the chain of custody, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from pathway.domain.custody import TEMPERATURES
from protocol.domain.loading import SectionParser
from protocol.domain.reading import SMALL_CODE, Setting, TableReader
from terms.numbers import read_number
from terms.reading import Unreadable
from terms.refusals import Refusal
from terms.words import N_

OUT_OF_RANGE = "out_of_range"
Degrees = tuple[Decimal, Decimal]
# Colder than any tank and warmer than any room: a slip of the finger.
_COLDEST, _WARMEST = Decimal(-200), Decimal(60)
_MINUS = ("-", "−", "–")
_TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Warmth:
    """Degrees Celsius that a state has (`soft`), and beyond which it is another one (`hard`)."""

    soft: Setting[Degrees]
    hard: Setting[Degrees]


@dataclass(frozen=True)
class CustodyRanges:
    """The ranges by state; of a state without any nothing is compared."""

    by_state: Mapping[str, Warmth]


def read_custody(reader: TableReader) -> CustodyRanges:
    """Parse `[custody.<state>]`; the soft range lies inside the hard one."""
    return CustodyRanges(
        {state: _read_state(state, row) for state, row in reader.children(SMALL_CODE)}
    )


def _read_state(state: str, row: TableReader) -> Warmth:
    if state not in TEMPERATURES or state == OUT_OF_RANGE:
        row.problem("", N_("is no state of temperature"))
    low, high = str(_COLDEST), str(_WARMEST)
    soft, hard = row.decimal_range("soft", low, high), row.decimal_range("hard", low, high)
    if soft.value[0] < hard.value[0] or soft.value[1] > hard.value[1]:
        row.problem("soft", N_("must lie inside the hard range"))
    return Warmth(soft, hard)


SECTIONS: Mapping[str, SectionParser] = {"custody": read_custody}


def read_celsius(text: str) -> Decimal | None:
    """The degrees that somebody typed, to a tenth; None for none. Raises Unreadable."""
    written = text.strip()
    if not written:
        return None
    below = written.startswith(_MINUS)
    degrees = read_number(written[1:].strip() if below else written)
    return (-degrees if below else degrees).quantize(_TENTH)


def refuse_celsius(values: Mapping[str, str], ranges: CustodyRanges) -> list[Refusal]:
    """What a thermometer shows against the state that is said.

    What cannot be of that state is refused: it is recorded as out of its range, which stops the
    product. What is doubtful is kept with a remark that says why it is none.
    """
    try:
        celsius = read_celsius(values.get("celsius", ""))
    except Unreadable as unreadable:
        return [unreadable.refusal("celsius")]
    if celsius is None:
        return []
    if not _COLDEST <= celsius <= _WARMEST:
        message = N_("This is no temperature of a product: read it again.")
        return [Refusal("impossible_temperature", message, field="celsius")]
    warmth = ranges.by_state.get(values.get("temperature", ""))
    if warmth is None:
        return []
    if not _within(celsius, warmth.hard.value):
        message = N_(
            "%(celsius)s °C is not “%(state)s” (from %(least)s to %(most)s °C). Read it again; "
            "where it is right, record “%(out)s”: that stops the product."
        )
        return [_refusal("temperature_not_so", message, celsius, values, warmth.hard.value)]
    if not _within(celsius, warmth.soft.value) and not values.get("remark", "").strip():
        message = N_(
            "%(celsius)s °C is doubtful for “%(state)s” (from %(least)s to %(most)s °C). Say in "
            "the remark why it is, or record “%(out)s”."
        )
        return [_refusal("temperature_doubtful", message, celsius, values, warmth.soft.value)]
    return []


def _within(celsius: Decimal, degrees: Degrees) -> bool:
    return degrees[0] <= celsius <= degrees[1]


def _refusal(
    code: str, message: str, celsius: Decimal, values: Mapping[str, str], degrees: Degrees
) -> Refusal:
    params = {
        "celsius": celsius,
        "state": TEMPERATURES[values["temperature"]],
        "least": degrees[0],
        "most": degrees[1],
        "out": TEMPERATURES[OUT_OF_RANGE],
    }
    return Refusal(code, message, params, field="celsius")
