"""Reading numbers as people type them, with a decimal comma or point, and never guessing."""

import re
from dataclasses import dataclass
from decimal import Decimal

from terms.reading import Unreadable
from terms.words import N_

__all__ = ["Measured", "Unreadable", "read_measured", "read_number"]

LONGEST = 15  # digits and separator; no bedside value is longer, and a paste of a scan code is

_NUMBER = re.compile(r"(0|[1-9][0-9]*)(?:([.,])([0-9]+))?")
_SIGN = re.compile(r"[+\-−–<>≤≥~].*", re.DOTALL)
_BARE_SEPARATOR = re.compile(r"[.,][0-9]+|[0-9]+[.,]")
_SEVERAL_SEPARATORS = re.compile(r"[0-9]+(?:[.,'’\s][0-9]+){2,}|[0-9]+['’\s][0-9]+(?:[.,][0-9]+)?")


def read_number(text: str, *, decimals_allowed: bool = True) -> Decimal:
    """Return the unsigned number written in `text`, exactly as written.

    A comma and a point both mean the decimal place. `1.234` and `1,234` are refused because
    half of Europe reads one thousand there and the other half one and a bit; `0.234` and
    `1.2340` can only be decimals. Without `decimals_allowed` any comma or point is refused.

    Raises `Unreadable` with code `blank`, `sign`, `ambiguous`, `separators`, `incomplete`,
    `not_whole`, `too_long` or `not_a_number`; there is no other way out without a number.
    """
    written = text.strip()
    match = _NUMBER.fullmatch(written)
    if match is None or len(written) > LONGEST:
        raise _unreadable(written)
    whole, separator, decimals = match.groups()
    if separator is None:
        return Decimal(whole)
    if not decimals_allowed:
        raise Unreadable("not_whole", N_("Write a whole number, without a comma or a point."))
    if len(decimals) == 3 and whole != "0" and len(whole) <= 3:
        raise Unreadable(
            "ambiguous",
            N_("%(written)s can be read in two ways: write %(thousands)s or %(decimal)s."),
            {
                "written": written,
                "thousands": whole + decimals,
                "decimal": f"{whole}{separator}{decimals}0",
            },
        )
    return Decimal(f"{whole}.{decimals}")


@dataclass(frozen=True)
class Measured:
    """A number as a laboratory gives it: exact, or only a limit that lies above or below it."""

    value: Decimal
    comparator: str = ""  # "<" below detection, ">" above what was counted, "" exact

    def __str__(self) -> str:
        return f"{self.comparator}{self.value}"


def read_measured(text: str) -> Measured:
    """Return the number written in `text`, with a `<` or `>` before it kept as such.

    Raises `Unreadable` as `read_number` does.
    """
    written = text.strip()
    comparator = written[:1] if written[:1] in ("<", ">") else ""
    return Measured(read_number(written[len(comparator) :]), comparator)


def _unreadable(written: str) -> Unreadable:
    """Say why `written` is no number, as precisely as its shape allows."""
    if not written:
        return Unreadable("blank", N_("Nothing is written here."))
    if len(written) > LONGEST:
        return Unreadable("too_long", N_("This is too long to be a number."))
    if _SIGN.fullmatch(written):
        return Unreadable("sign", N_("Write the number alone, without a sign."))
    if _SEVERAL_SEPARATORS.fullmatch(written):
        return Unreadable(
            "separators", N_("Write the number without spaces or separators between thousands.")
        )
    if _BARE_SEPARATOR.fullmatch(written):
        return Unreadable(
            "incomplete",
            N_("Write digits on both sides of the comma or point, such as 0.5, or 5 alone."),
        )
    return Unreadable("not_a_number", N_("“%(written)s” is not a number."), {"written": written})
