"""Text for a page of paper: what its fonts lack becomes a visible code, long words may break."""

import re
import unicodedata

# What the fonts that come with Typst can show, in ranges that a test has set in type. Scripts that
# run from right to left are not among them: half a page of coded names reads better than one
# whose order nobody checked.
_SHOWN = (
    (0x20, 0x7E),  # ASCII
    (0xA0, 0x24F),  # Latin
    (0x300, 0x36F),  # marks
    (0x370, 0x3FF),  # Greek
    (0x400, 0x45F),  # Cyrillic
    (0x1E00, 0x1EFF),  # Latin, more of it
    (0x2010, 0x2027),  # dashes and quotes
    (0x2030, 0x203E),
    (0x2070, 0x209C),  # raised and lowered
    (0x20A0, 0x20BF),  # currencies
    (0x2190, 0x2195),  # arrows
    (0x2200, 0x22FF),  # mathematics
)
_BREAKS = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")
# A word that is longer may be cut off by its column: it may break behind so many characters.
_LONGEST, _PIECE = 14, 7
_BREAK_HERE = "\u200b"
_WORD = re.compile(rf"[^\s{_BREAK_HERE}]{{{_LONGEST + 1},}}")


def shown(character: str) -> bool:
    """Whether the fonts can show a character."""
    code = ord(character)
    assigned = unicodedata.category(character) not in {"Cn", "Cc", "Cf", "Co", "Cs"}
    return assigned and any(first <= code <= last for first, last in _SHOWN)


def typeset(text: str) -> tuple[str, bool]:
    """`text` as it can be set in type, and whether a code stands in it for a character.

    Lines that somebody broke become one; a code reads `[U+1F600]`.
    """
    plain = unicodedata.normalize("NFC", _BREAKS.sub(" ", text))
    parts = [one if shown(one) else f"[U+{ord(one):04X}]" for one in plain]
    coded = any(not shown(one) for one in plain)
    return _WORD.sub(lambda found: _breakable(found[0]), "".join(parts)), coded


def _breakable(word: str) -> str:
    return _BREAK_HERE.join(word[at : at + _PIECE] for at in range(0, len(word), _PIECE))
