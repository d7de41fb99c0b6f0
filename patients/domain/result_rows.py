"""Lines of a file of laboratory values: read as laboratories write them, and never guessed."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from patients.domain.lab_values import NEGATIVE, POSITIVE
from terms.numbers import read_measured
from terms.partial_dates import parse
from terms.quantities import unit_text
from terms.reading import Unreadable
from terms.refusals import Refusal
from terms.sheets import Line
from terms.words import N_

COLUMNS = ("course", "analyte", "date", "time", "value", "unit", "answer", "conflict")
NEEDED = ("course", "analyte", "date", "value", "unit")
MOST_ROWS = 5_000
OLDER_ENCODING = "cp1252"  # as spreadsheets save where UTF-8 is not chosen
# What else the columns are called.
ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "corso": "course", "percorso": "course", "paziente": "course", "patient": "course",
        "analita": "analyte", "esame": "analyte", "test": "analyte",
        "data": "date", "ora": "time", "valore": "value", "risultato": "value",
        "unità": "unit", "unita": "unit", "units": "unit",
        "esito": "answer", "risposta": "answer", "conflitto": "conflict",
    }
)  # fmt: skip
# A value that differs from the one of the same time stays out, or is added beside it.
SKIP, ADD = "skip", "add"
_CHOICES = {"skip": SKIP, "salta": SKIP, "add": ADD, "aggiungi": ADD}
_ANSWERS = {
    "positive": POSITIVE, "positivo": POSITIVE, "positiva": POSITIVE, "pos": POSITIVE,
    "negative": NEGATIVE, "negativo": NEGATIVE, "negativa": NEGATIVE, "neg": NEGATIVE,
}  # fmt: skip
_WITH_TIME = re.compile(r"(.{6,20}?)[ T]+([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)")
_TIME = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})(?:[:.][0-9]{2})?")
# A unit as keyboards and laboratories write it; each pair is exactly the same unit.
_SAME = (
    ("^", "*"), ("10e", "10*"), ("10E", "10*"), ("mm*3", "ul"), ("mm3", "ul"), ("mmc", "ul"),
    ("UI/", "IU/"), ("cells/", "/"), ("cellule/", "/"), ("copie/", "copies/"),
)  # fmt: skip
_PLAIN = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹μµL×", "0123456789uulx", " []{}")
_POWER = re.compile(r"x?10\*?([0-9]{1,2})/")


@dataclass(frozen=True)
class ResultLine:
    """One line as far as it can be read without the chart; `faults` name their columns."""

    number: int
    course: str
    analyte: str
    on: str  # ISO, or as written where it cannot be read
    time: str  # HH:MM, empty where none is given
    value: str
    unit: str
    answer: str
    conflict: str
    faults: tuple[Refusal, ...] = ()


def read_line(line: Line) -> ResultLine:
    """A line of the file with everything that is wrong with it by itself."""
    cells = {name: line.cells.get(name, "") for name in COLUMNS}
    faults = [
        Refusal("required", N_("Nothing is written here."), field=name)
        for name in ("course", "analyte", "date")
        if not cells[name]
    ]
    written, time = _day_and_time(cells["date"], cells["time"])
    on = _read("date", faults, lambda: _day(written)) if written else None
    at = _read("time", faults, lambda: _time(time)) if time else ""
    value, answer = _value_and_answer(cells["value"], cells["answer"])
    if value:
        _read("value", faults, lambda: str(read_measured(value)))
    elif not answer:
        faults.append(Refusal("required", N_("Give the value."), field="value"))
    choice = _CHOICES.get(cells["conflict"].lower(), "")
    if cells["conflict"] and not choice:
        faults.append(
            Refusal("unknown_choice", N_("Write skip or add, or nothing."), field="conflict")
        )
    return ResultLine(
        number=line.number,
        course=cells["course"],
        analyte=cells["analyte"],
        on=on or written,
        time=at or "",
        value=value,
        unit=cells["unit"],
        answer=answer,
        conflict=choice,
        faults=tuple(faults),
    )


def _read(name: str, faults: list[Refusal], reader: Callable[[], str]) -> str | None:
    try:
        return reader()
    except Unreadable as error:
        faults.append(error.refusal(name))
        return None


def _day_and_time(day: str, time: str) -> tuple[str, str]:
    """The day and the time, which may share the first cell."""
    both = None if time else _WITH_TIME.fullmatch(day)
    return (both[1], both[2]) if both is not None else (day, time)


def _day(written: str) -> str:
    read = parse(written)
    if read.precision != "day":
        raise Unreadable("day_needed", N_("Give the day too."))
    return read.iso()


def clock_time(written: str) -> str:
    """`HH:MM` for a time of day; empty for anything else."""
    found = _TIME.fullmatch(written)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        return ""
    return f"{int(found[1]):02d}:{found[2]}"


def _time(written: str) -> str:
    read = clock_time(written)
    if not read:
        raise Unreadable(
            "not_a_time",
            N_("“%(written)s” is not a time of day: write 08:30."),
            {"written": written},
        )
    return read


def _value_and_answer(value: str, answer: str) -> tuple[str, str]:
    """An answer may stand in place of the number; a word that is none stays as it is written."""
    if not answer and value.lower() in _ANSWERS:
        return "", _ANSWERS[value.lower()]
    return value, _ANSWERS.get(answer.lower(), answer)


def plain_name(name: str) -> str:
    """A name of an analyte as it is compared: capitals and spaces say nothing."""
    return " ".join(name.casefold().split())


def accepted_unit(accepted: Iterable[str], written: str) -> str:
    """The unit of `accepted` that was meant by `written`; as written where there is none."""
    known = tuple(accepted)
    if written in known:
        return written
    meant = {form: unit for unit in known for form in (_plain(unit), _plain(unit_text(unit)))}
    return meant.get(_plain(written), written)


def _plain(unit: str) -> str:
    """Without signs that only some keyboards have; small and capital letters differ, but for L."""
    bare = unit.translate(_PLAIN)
    for other, same in _SAME:
        bare = bare.replace(other, same)
    return _POWER.sub(r"10*\1/", bare)
