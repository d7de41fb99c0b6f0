"""Each line of a file of results judged: new, there already, against another value, or wrong."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from patients.charting import refused_by
from patients.domain.ranges import Ranges
from patients.domain.result_rows import ADD, ResultLine, accepted_unit, clock_time, plain_name
from patients.imported_courses import FoundCourse
from patients.imported_names import names_of
from patients.lab_forms import LabForm, ranges_of
from patients.models import Course, Death, LabResult
from patients.survival import refuse_after, standing_deaths
from terms.day_numbers import local_date
from terms.partial_dates import PartialDate
from terms.quantities import Analyte, unit_text
from terms.refusals import Refusal
from terms.words import N_

# What the form calls the columns.
_COLUMN = {"on": "date", "result": "answer"}


class ImportedForm(LabForm):
    """The form of one value, for thousands: nothing is asked of the database for each."""

    death: Death | None = None

    def _refuse_after_death(self, on: PartialDate) -> list[Refusal]:
        return refuse_after(on, self.death, "on")

    def clean(self) -> dict[str, Any]:
        """As typed. What the table demands is asked here and again when the value is written."""
        cleaned = super().clean()
        vars(self.instance)["validate_constraints"] = _asked_by_the_form
        return cleaned


def _asked_by_the_form(exclude: object) -> None:
    """Django would ask the database twice for each value, before anything is written."""


class Becomes(StrEnum):
    """What becomes of a line."""

    NEW = "new"
    DUPLICATE = "duplicate"  # the same value of the same day is recorded already
    CONFLICT = "conflict"  # another value of that time is: somebody has to choose
    LEFT_OUT = "left_out"  # somebody chose
    FAULT = "fault"


@dataclass(frozen=True)
class Outcome:
    """What becomes of one line, with everything against it."""

    line: ResultLine
    course: Course | None = None
    analyte: Analyte | None = None
    local_name: str = ""  # what the laboratory calls it, where the protocol does not
    becomes: Becomes = Becomes.FAULT
    unusual: bool = False
    refusals: tuple[Refusal, ...] = ()
    form: LabForm | None = None  # valid, for what is new


@dataclass(frozen=True)
class _About:
    """What is looked up of a course once, not for each of its lines."""

    ranges: Ranges
    names: Mapping[str, str]  # the analytes by the protocol's names
    death: Death | None


@dataclass(frozen=True)
class _Held:
    """A value of a course, analyte and day: what it says and at what time, where that is known."""

    said: tuple[Decimal | None, str, str, str]
    time: str
    typed: str

    def may_be_of(self, time: str) -> bool:
        """Whether it may be of that very time; an unknown one may be any."""
        return not self.time or not time or self.time == time


def judge(
    lines: Sequence[ResultLine],
    courses: Mapping[str, FoundCourse],
    names: Mapping[str, str],
    *,
    conflicts: str,
    now: datetime,
) -> tuple[Outcome, ...]:
    """What becomes of every line, in the order of the file.

    `names` are analytes by the names of laboratories, `conflicts` what to do with values that
    differ from those recorded where a line does not say it: skip, add, or empty for asking.
    """
    about = _about([found.course for found in courses.values() if found.course is not None])
    read = [_read(line, courses[line.course], names, about, now) for line in lines]
    held = _recorded(read)
    becomes: dict[int, Outcome] = {}
    # Of two values of one day the one entered last counts: the later sample has to be that.
    for place in sorted(range(len(read)), key=lambda place: _in_time(read[place])):
        becomes[place] = _compared(read[place], held, conflicts)
    return tuple(becomes[place] for place in range(len(read)))


def _about(courses: Sequence[Course]) -> dict[int, _About]:
    deaths = standing_deaths({course.patient_id for course in courses})
    return {
        course.pk: _About(ranges, names_of(ranges), deaths.get(course.patient_id))
        for course in courses
        for ranges in (ranges_of(course),)
    }


def in_time(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes by course, day and time, as they are written."""
    return sorted(outcomes, key=_in_time)


def _in_time(outcome: Outcome) -> tuple[int, str, str, int]:
    course = outcome.course.pk if outcome.course is not None else 0
    return course, outcome.line.on, outcome.line.time, outcome.line.number


def _read(
    line: ResultLine,
    found: FoundCourse,
    names: Mapping[str, str],
    about: Mapping[int, _About],
    now: datetime,
) -> Outcome:
    """The line with its course and analyte, and everything that is wrong with it."""
    faults = list(line.faults)
    if line.course:
        faults += found.refusals
    course = found.course
    if course is None:
        return Outcome(line, refusals=tuple(faults))
    known, name = about[course.pk], plain_name(line.analyte)
    local = name if name and name not in known.names else ""
    analyte = known.ranges.analyte(known.names.get(name) or names.get(name, ""))
    if analyte is None and name:
        message = N_("“%(name)s” is not known: say which analyte it is.")
        faults.append(
            Refusal("unknown_analyte", message, {"name": line.analyte[:60]}, field="analyte")
        )
    outcome = Outcome(line, course, analyte, local)
    if analyte is None:
        return replace(outcome, refusals=tuple(faults))
    faults += _in_the_future(line, course, now)
    form, against = _tried(line, course, analyte, known.death, now)
    wrong = {fault.field for fault in faults}
    faults += [refusal for refusal in against if refusal.field not in wrong]
    return replace(outcome, form=form, refusals=tuple(faults))


def _in_the_future(line: ResultLine, course: Course, now: datetime) -> Iterator[Refusal]:
    local = now.astimezone(course.centre.zone)
    if line.on == local.date().isoformat() and line.time > f"{local:%H:%M}":
        message = N_("This time is in the future: only what has happened is recorded here.")
        yield Refusal("future_time", message, field="time")


def _tried(
    line: ResultLine, course: Course, analyte: Analyte, death: Death | None, now: datetime
) -> tuple[LabForm, list[Refusal]]:
    """The line as it would be typed on the course's page, and what that form has against it."""
    unit = accepted_unit(analyte.accepted_units, line.unit) if line.value else ""
    against = []
    if unit and unit not in analyte.accepted_units:
        message = N_("%(unit)s is not a unit for this value: use %(accepted)s.")
        units = ", ".join(map(unit_text, analyte.accepted_units))
        params = {"unit": line.unit[:20], "accepted": units}
        against.append(Refusal("unknown_unit", message, params, field="unit"))
    typed = {
        "on": line.on,
        "analyte": analyte.code,
        "value": line.value,
        "unit": unit,
        "result": line.answer,
        "confirmed": True,  # whether it is unusual is asked of the file as a whole
        "context": line.time,
    }
    form = ImportedForm(typed, course=course, today=local_date(now, course.centre.zone))
    form.death = death
    if not form.is_valid():
        against += [
            replace(refusal, field=_COLUMN.get(refusal.field, refusal.field))
            for refusal in refused_by(form).refusals
            if not (against and refusal.field == "unit")
        ]
    return form, against


def _recorded(read: Sequence[Outcome]) -> dict[tuple[int, str, str], list[_Held]]:
    """What is recorded of the courses on the days of the file, in one query."""
    good = [outcome for outcome in read if outcome.form is not None and not outcome.refusals]
    rows = LabResult.objects.filter(
        course__in={outcome.course for outcome in good if outcome.course is not None},
        on__in={outcome.line.on for outcome in good},
    ).order_by("pk")
    held: dict[tuple[int, str, str], list[_Held]] = defaultdict(list)
    for row in rows:
        said = (row.value, row.unit, row.comparator, row.result)
        key = (row.course_id, row.analyte, row.on)
        held[key].append(_Held(said, clock_time(row.context), row.typed or row.result))
    return held


def _compared(
    outcome: Outcome, held: dict[tuple[int, str, str], list[_Held]], conflicts: str
) -> Outcome:
    """The outcome beside what is recorded, and beside the lines of earlier samples."""
    course, analyte, form, line = outcome.course, outcome.analyte, outcome.form, outcome.line
    if course is None or analyte is None or form is None or outcome.refusals:
        return outcome
    told = form.cleaned_data
    said = (told["value"], told["unit"], form.instance.comparator, told["result"])
    there = held[course.pk, analyte.code, line.on]
    if any(one.said == said and one.may_be_of(line.time) for one in there):
        return replace(outcome, becomes=Becomes.DUPLICATE)
    choice = line.conflict or conflicts
    against = tuple(_conflicts(there, line.time))
    if against and choice != ADD:
        becomes = Becomes.LEFT_OUT if choice else Becomes.CONFLICT
        return replace(outcome, becomes=becomes, refusals=against)
    there.append(_Held(said, line.time, f"{line.value or line.answer} {line.unit}".strip()))
    return replace(outcome, becomes=Becomes.NEW, unusual=bool(told["confirmed"]))


def _conflicts(there: Sequence[_Held], time: str) -> Iterator[Refusal]:
    """What another value says against one of that time: the same time, or a later one."""
    for one in there:
        if one.may_be_of(time):
            message = N_("Another value of that time is there: %(value)s.")
        elif one.time > time:
            message = N_("A later value of that day is there: %(value)s. This one would count.")
        else:
            continue
        yield Refusal("conflict", message, {"value": one.typed}, field="conflict")
