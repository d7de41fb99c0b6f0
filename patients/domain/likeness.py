"""When two registrations may be the same person: names as keys, swapped fields, mistyped dates."""

import unicodedata
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

# Two names this alike or more are worth a second look: "Giovani Rosi" against "Giovanni Rossi".
_ALIKE = 0.85


@dataclass(frozen=True)
class Person:
    """What a look-alike is recognised by."""

    family_name: str
    given_name: str
    birth_date: date


def name_key(text: str) -> str:
    """`text` without accents, case, spaces and punctuation: "D'Àmico" and "damico" are one."""
    return "".join(letter for letter in plain_words(text) if letter.isalnum())


def plain_words(text: str) -> str:
    """`text` case-folded and without accents, its words separated by one space.

    NUL, which no text of the database can hold, separates words too.
    """
    decomposed = unicodedata.normalize("NFKD", text.replace("\0", " "))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(bare.casefold().split())


def swapped_birth_date(birth_date: date) -> date | None:
    """The date with day and month exchanged; None when there is none or it is the same."""
    if birth_date.day > 12 or birth_date.day == birth_date.month:
        return None
    return birth_date.replace(month=birth_date.day, day=birth_date.month)


def look_alike(one: Person, other: Person) -> bool:
    """Whether the two may be one person.

    Either the same birth date with similar names (accents, case, family and given name swapped,
    a slip of the keyboard), or the same name with day and month of birth exchanged.
    """
    if one.birth_date == other.birth_date:
        return _similar(one, other)
    if one.birth_date == swapped_birth_date(other.birth_date):
        return _names(one) in (_names(other), _names(other)[::-1])
    return False


def _names(person: Person) -> tuple[str, str]:
    return name_key(person.family_name), name_key(person.given_name)


def _similar(one: Person, other: Person) -> bool:
    family, given = _names(one)
    return any(
        SequenceMatcher(None, family + given, names[0] + names[1]).ratio() >= _ALIKE
        for names in (_names(other), _names(other)[::-1])
    )
