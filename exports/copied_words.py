"""The words of a file as tables that the database joins: labels, and what the protocol measures."""

from collections.abc import Iterable, Mapping, Sequence
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


def word_tables(
    subjects: Iterable[tuple[str, str]], names: Mapping[str, Bilingual]
) -> list[list[Any]]:
    """The columns of four tables, in the active language, for the statement of a file.

    Labels by code, with whether a subject may follow; labels by code and subject; the choices of
    the protocol's items and checks by subject and code of the answer; their units by subject.
    `subjects` are the pairs of OPEN_SUBJECTS that occur; items, checks and gates are in `names`.
    """
    assessed = [key for key in names if key.startswith(("item.", "check.")) and _is_subject(key)]
    gates = [f"gate.{gate.value}" for gate in Gate]
    known = [(code, key) for code in ASSESSED for key in ("", *assessed, *gates)]
    planned = [(code, key) for code in SCHEDULED for key in names if key.startswith(SCHEDULE_KEY)]
    struck = [(CORRECTED, f"{code}: {key}") for code, key in known]
    pairs = [*dict.fromkeys([*subjects, *known, *planned, *struck])]
    plain = [(code, label_of(code, "", names), code in _WITH_SUBJECT) for code in EVENT_LABELS]
    labels = [(code, about, harmless(label_of(code, about, names))) for code, about in pairs]
    answers = [key.partition("=") for key in names if "=" in key]
    units = [(key, unit.en) for key, unit in names.items() if key.endswith(_UNIT)]
    return [
        *_columns(plain, 3),
        *_columns(labels, 3),
        *_columns([(about, answer) for about, _equals, answer in answers], 2),
        *_columns([(key.removesuffix(_UNIT), harmless(unit)) for key, unit in units], 2),
    ]


def _is_subject(key: str) -> bool:
    return "=" not in key and not key.endswith(_UNIT)


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [[row[at] for row in rows] for at in range(width)]
