"""The words of a file as tables that the database joins: labels, and what the protocol measures."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exports.assessed_words import ASSESSED
from exports.event_labels import EVENT_LABELS
from exports.labels import DETAILED, label_of
from exports.writers.csv import harmless
from pathway.domain.gate_rules import Gate
from patients.timeline_columns import CORRECTED
from reminders.timeline_schedule import CODES as SCHEDULED
from reminders.timeline_schedule import KEY as SCHEDULE_KEY
from terms.words import Bilingual

# Events whose label says what they are about, where that may be anything somebody recorded.
OPEN_SUBJECTS = DETAILED - ASSESSED
_WITH_SUBJECT = DETAILED | ASSESSED | SCHEDULED
_UNIT = " unit"
# What each protocol calls its items, checks, analytes and reasons, by the key of the protocol.
Names = Mapping[int, Mapping[str, Bilingual]]
# The protocol, the code of an event and what it is about; the label of both and the unit.
_Label = tuple[int, str, str, str, str | None]


@dataclass(frozen=True)
class Words:
    """The words of one file in the active language, made once for all of its statements."""

    names: Names
    plain: list[tuple[str, str, bool]]
    labels: list[_Label]
    answers: list[tuple[int, str, str]]

    def tables(self, subjects: Iterable[tuple[str, str]]) -> list[list[Any]]:
        """The columns of three tables for the statement of a file.

        Labels by code, with whether a subject may follow; labels and units by protocol, code and
        subject; the choices of a protocol's items and checks by subject and code of the answer.
        `subjects` are the pairs of OPEN_SUBJECTS that occur; the protocol knows the others.
        """
        pairs = [*subjects]
        found = [row for protocol in self.names for row in _labels(protocol, pairs, self.names)]
        return [
            *_columns(self.plain, 3),
            *_columns([*dict.fromkeys([*self.labels, *found])], 5),
            *_columns(self.answers, 3),
        ]


def words_of(names: Names) -> Words:
    """What a file needs of the words of its protocols: of items, checks, gates and reminders."""
    return Words(
        names,
        [(code, label_of(code, "", {}), code in _WITH_SUBJECT) for code in EVENT_LABELS],
        [row for one, mine in names.items() for row in _labels(one, _known(mine), names)],
        [(one, *_answer(key)) for one, mine in names.items() for key in mine if "=" in key],
    )


def _known(names: Iterable[str]) -> list[tuple[str, str]]:
    """What the protocol lets events be about, and what stood of such a one before a correction."""
    about = [key for key in names if "=" not in key and not key.endswith(_UNIT)]
    planned = [(code, key) for code in SCHEDULED for key in about if key.startswith(SCHEDULE_KEY)]
    gates = [f"gate.{gate.value}" for gate in Gate]
    keys = ["", *(key for key in about if key.startswith(("item.", "check."))), *gates]
    assessed = [(code, key) for code in ASSESSED for key in keys]
    return [*assessed, *planned, *((CORRECTED, f"{code}: {key}") for code, key in assessed)]


def _labels(protocol: int, pairs: Iterable[tuple[str, str]], names: Names) -> Iterator[_Label]:
    mine = names[protocol]
    for code, about in pairs:
        unit = mine.get(f"{about}{_UNIT}") if code in ASSESSED else None
        label = harmless(label_of(code, about, mine))
        yield protocol, code, about, label, harmless(unit.en) if unit else None


def _answer(key: str) -> tuple[str, str]:
    about, _equals, answer = key.partition("=")
    return about, answer


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [[row[at] for row in rows] for at in range(width)]
