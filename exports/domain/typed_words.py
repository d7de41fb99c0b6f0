"""What somebody typed of a disease, a drug or a donor: whether it tells who it is, or when.

Such texts leave in files, for they say what was treated. Nothing keeps a name or a date out of a
field, so each text is looked at before it leaves; of one that tells only a mark is left.
"""

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from terms.partial_dates import MONTH_WORDS

LEFT_OUT = "[…]"
# Shorter parts of a name, such as “de”, are words of their own.
_SHORTEST_NAME, _SHORTEST_NUMBER = 3, 4
_BETWEEN = re.compile(r"[\s'’.,-]+")
_YEAR, _MONTH = "(?:19|20)[0-9]{2}", "|".join(sorted(MONTH_WORDS, key=len, reverse=True))
# A year alone stays: protocols of treatment are named by one, and it tells no more than the age.
_WHEN = re.compile(
    "|".join(
        (
            r"(?<![0-9])[0-9]{1,2}([./-])[0-9]{1,2}\1[0-9]{4}(?![0-9])",
            r"(?<![0-9])[0-9]{1,2}([./])[0-9]{1,2}\2[0-9]{2}(?![0-9])",
            rf"(?<![0-9]){_YEAR}[./-][0-9]{{1,2}}(?![0-9])",
            rf"(?<![0-9])[0-9]{{1,2}}[./-]{_YEAR}(?![0-9])",
            rf"\b(?:{_MONTH})\b[\s.,/-]*(?:[0-9]{{1,2}}[\s.,/-]+)?(?:{_YEAR}|['’][0-9]{{2}})(?![0-9])",
            # a tax code of Italy; a number longer than any dose
            r"\b[A-Z]{6}[0-9]{2}[A-Z][0-9]{2}[A-Z][0-9]{3}[A-Z]\b",
            r"(?<![0-9])[0-9]{7,}(?![0-9])",
        )
    ),
    re.IGNORECASE,
)


Telling = tuple[str, ...]  # words that name one patient


def telling_words(names: Iterable[str], numbers: Iterable[str], born: date | None) -> Telling:
    """All that names one patient: names in their parts, numbers, the birth date."""
    words = {name for name in names if len(name.strip()) >= _SHORTEST_NAME}
    words |= {
        part for name in names for part in _BETWEEN.split(name) if len(part) >= _SHORTEST_NAME
    }
    words |= {number for number in numbers if len(number.strip()) >= _SHORTEST_NUMBER}
    if born is not None:
        words |= {born.isoformat(), *(f"{born:%d{mark}%m{mark}%Y}" for mark in "/.-")}
    return tuple(sorted({word.strip() for word in words}, key=lambda word: (-len(word), word)))


def tells(texts: Iterable[str], telling: Telling, *, dates: bool) -> bool:
    """Whether any of `texts` holds one of the `telling` words, or with `dates` when it was."""
    return any(_names(text, telling) or (dates and _says_when(text)) for text in texts if text)


def untelling(text: str, telling: Telling, *, dates: bool) -> str:
    """`text`, or the mark of what was left out."""
    return LEFT_OUT if tells([text], telling, dates=dates) else text


def _names(text: str, telling: Telling) -> bool:
    """Nearly every text holds no such word: making a pattern takes longer than to see that."""
    plain = folded(text)
    held = any(word in plain for word in _all_folded(telling))
    return held and _compiled(telling).search(text) is not None


def folded(text: str) -> str:
    """`text` in which letters that the pattern takes for alike are the same."""
    return text.replace("İ", "i").replace("ı", "i").casefold()


@lru_cache(maxsize=1024)
def _all_folded(telling: Telling) -> Telling:
    return tuple(map(folded, telling))


@lru_cache(maxsize=8192)
def _says_when(text: str) -> bool:
    return _WHEN.search(text) is not None


@lru_cache(maxsize=1024)
def _compiled(telling: Telling) -> re.Pattern[str]:
    words = "|".join(map(re.escape, telling))
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)
