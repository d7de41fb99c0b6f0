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


def telling_words(names: Iterable[str], numbers: Iterable[str], born: date | None) -> str:
    """A pattern of all that names one patient: names in their parts, numbers, the birth date."""
    words = {name for name in names if len(name.strip()) >= _SHORTEST_NAME}
    words |= {
        part for name in names for part in _BETWEEN.split(name) if len(part) >= _SHORTEST_NAME
    }
    words |= {number for number in numbers if len(number.strip()) >= _SHORTEST_NUMBER}
    if born is not None:
        words |= {born.isoformat(), *(f"{born:%d{mark}%m{mark}%Y}" for mark in "/.-")}
    plain = sorted({word.strip() for word in words}, key=lambda word: (-len(word), word))
    return "|".join(map(re.escape, plain))


def tells(texts: Iterable[str], telling: str, *, dates: bool) -> bool:
    """Whether any of `texts` holds one of the `telling` words, or with `dates` when it was."""
    who = _compiled(telling) if telling else None
    return any(
        (who is not None and who.search(text) is not None)
        or (dates and _WHEN.search(text) is not None)
        for text in texts
        if text
    )


def untelling(text: str, telling: str, *, dates: bool) -> str:
    """`text`, or the mark of what was left out."""
    return LEFT_OUT if tells([text], telling, dates=dates) else text


@lru_cache(maxsize=1024)
def _compiled(telling: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{telling})(?!\w)", re.IGNORECASE)
