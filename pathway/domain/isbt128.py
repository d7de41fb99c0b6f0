"""ISBT 128 donation identification numbers, as a label prints them and a scanner sends them.

Source: ICCBBA ST-001, data structure 001, with the check of ISO 7064 mod 37-2. Only capital letters
are read: no label carries small ones, so they mean a scanner or a keyboard set wrongly, and a
number that is put right in silence is a number that nobody looked at.
"""

import re
from dataclasses import dataclass

from terms.refusals import Refusal
from terms.words import N_

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
DIN_LENGTH = 13
# A facility, the year and the sequence. The letter O is in no facility's number.
_DIN = re.compile(r"[A-NP-Z1-9][A-NP-Z0-9][0-9]{3}[0-9]{2}[0-9]{6}")
_MARK = "="  # begins what a scanner sends
_CHECKED_FROM, _CHECKED_TO = 60, 96
# The last number of each group of flags, and what the group means.
_GROUPS = (
    (0, N_("No flag")),
    (19, N_("Process control")),
    (59, N_("Set by the facility")),
    (_CHECKED_TO, N_("Check of the number")),
)
_MODULUS = 37


@dataclass(frozen=True)
class DinReading:
    """What a text says as a donation number; `din` is empty when it has not the form of one.

    `check_character` is the one that belongs to `din`, whether or not it was given. `checked` says
    that the text itself carried a check and passed it.
    """

    din: str = ""
    check_character: str = ""
    flags: str = ""
    scanned: bool = False
    checked: bool = False
    reasons: tuple[Refusal, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.reasons

    @property
    def flag_group(self) -> str:
        """What the flags mean, an English msgid; empty without flags that have a meaning."""
        if not re.fullmatch(r"[0-9]{2}", self.flags):
            return ""
        return next((words for last, words in _GROUPS if int(self.flags) <= last), "")


def checksum(din: str) -> int:
    """The weighted sum of the 13 characters modulo 37, 0 to 36. Raises ValueError for others."""
    total = sum(ALPHABET.index(sign) << (DIN_LENGTH - place) for place, sign in enumerate(din))
    return (_MODULUS + 1 - total % _MODULUS) % _MODULUS


def check_character(din: str) -> str:
    """The check character K that a label prints boxed after `din`."""
    return ALPHABET[checksum(din)]


def read_din(text: str) -> DinReading:
    """Read 13 characters; 14 with the check character; or 16 as scanned: `=`, number, flags.

    Spaces are left out wherever they stand, as labels print some. Names everything wrong at once.
    """
    written = "".join(text.split())
    if written != written.upper():
        return DinReading(reasons=(_wrong("small_letters", _SMALL_LETTERS),))
    if written.startswith(_MARK):
        return _read_scanned(written[1:])
    if len(written) not in {DIN_LENGTH, DIN_LENGTH + 1}:
        return DinReading(reasons=(_wrong("din_length", _LENGTH, length=len(written)),))
    return _read_printed(written[:DIN_LENGTH], written[DIN_LENGTH:])


def _read_scanned(rest: str) -> DinReading:
    if len(rest) != DIN_LENGTH + 2:
        return DinReading(
            scanned=True, reasons=(_wrong("scan_length", _SCAN_LENGTH, length=len(rest) + 1),)
        )
    din, flags = rest[:DIN_LENGTH], rest[DIN_LENGTH:]
    wrong = _form_faults(din)
    if not re.fullmatch(r"[0-9]{2}", flags) or int(flags) > _CHECKED_TO:
        wrong += (_wrong("unknown_flags", _FLAGS, flags=flags),)
        return _reading(din, flags, scanned=True, checked=False, wrong=wrong)
    carries_check = int(flags) >= _CHECKED_FROM
    if carries_check and not wrong and int(flags) - _CHECKED_FROM != checksum(din):
        wrong += (_wrong("flags_check", _FLAGS_CHECK, flags=flags),)
    return _reading(din, flags, scanned=True, checked=carries_check, wrong=wrong)


def _read_printed(din: str, given: str) -> DinReading:
    wrong = _form_faults(din)
    if given and given not in ALPHABET:
        wrong += (_wrong("check_character", _NO_CHECK_CHARACTER, given=given),)
    elif given and not wrong and given != check_character(din):
        wrong += (_wrong("check_character", _CHECK_CHARACTER, given=given),)
    return _reading(din, "", scanned=False, checked=bool(given), wrong=wrong)


def _reading(
    din: str, flags: str, *, scanned: bool, checked: bool, wrong: tuple[Refusal, ...]
) -> DinReading:
    formed = _DIN.fullmatch(din) is not None
    return DinReading(
        din=din if formed else "",
        check_character=check_character(din) if formed else "",
        flags=flags,
        scanned=scanned,
        checked=checked and not wrong,
        reasons=wrong,
    )


def _form_faults(din: str) -> tuple[Refusal, ...]:
    """Every part of the 13 characters that has not the form of its part."""
    faults = []
    if "O" in din:
        faults.append(_wrong("letter_o", _LETTER_O))
    elif not re.fullmatch(r"[A-NP-Z1-9][A-NP-Z0-9][0-9]{3}", din[:5]):
        faults.append(_wrong("facility", _FACILITY, part=din[:5]))
    for code, part in (("year", din[5:7]), ("sequence", din[7:])):
        if not re.fullmatch(r"[0-9]+", part):
            faults.append(_wrong(code, _PARTS[code], part=part))
    return tuple(faults)


def _wrong(code: str, message: str, **params: object) -> Refusal:
    return Refusal(code=code, message=message, params=params, field="din")


_SMALL_LETTERS = N_("A donation number has capital letters only. Is the scanner set to small ones?")
_LENGTH = N_("A donation number has 13 characters, or 14 with its check; this has %(length)s.")
_SCAN_LENGTH = N_("A scanned donation number has 16 characters with its “=”; this has %(length)s.")
_LETTER_O = N_("The letter O is in no donation number; the digit 0 is.")
_FACILITY = N_("“%(part)s” is no facility's number: two letters or digits, then three digits.")
_PARTS = {
    "year": N_("“%(part)s” is no year: characters 6 and 7 are digits."),
    "sequence": N_("“%(part)s” is no sequence number: characters 8 to 13 are digits."),
}
_FLAGS = N_("“%(flags)s” are no flags of a donation number: two digits up to 96.")
_FLAGS_CHECK = N_("The check in the flags (%(flags)s) does not fit the number: scan it again.")
_CHECK_CHARACTER = N_("The check character %(given)s does not fit the number: read it again.")
_NO_CHECK_CHARACTER = N_("“%(given)s” is no check character.")
