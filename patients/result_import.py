"""A file of laboratory results: every line tried, then all that are new recorded, or none."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction

from accounts.access import centre_of, require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import record
from patients import consequences
from patients.charting import keep
from patients.consequences import Event, Happening
from patients.domain.result_rows import (
    ALIASES,
    COLUMNS,
    MOST_ROWS,
    NEEDED,
    OLDER_ENCODING,
    plain_name,
    read_line,
)
from patients.imported_courses import found_courses
from patients.imported_names import LONGEST_NAME, remember, remembered
from patients.imported_results import Becomes, Outcome, in_time, judge
from patients.reading import note_chart_read
from terms.refusals import Refusal, Refused
from terms.sheets import read_sheet
from terms.words import N_


@dataclass(frozen=True)
class Choices:
    """What somebody said about a file: names of its laboratory, conflicts, unusual values."""

    names: Mapping[str, str] = field(default_factory=dict)  # the analyte by the laboratory's name
    conflicts: str = ""  # skip, add, or empty: to be asked
    confirmed: bool = False  # the unusual values were looked at again
    reason: str = ""  # why they stand


@dataclass(frozen=True)
class Report:
    """What became of a file."""

    outcomes: tuple[Outcome, ...]
    names: Mapping[str, str]  # each name of a laboratory in the file, its analyte or nothing
    refusals: tuple[Refusal, ...]  # against the file as a whole
    sha256: str
    committed: bool = False

    @property
    def counts(self) -> Mapping[Becomes, int]:
        """How many lines become what."""
        found = Counter(outcome.becomes for outcome in self.outcomes)
        return {one: found[one] for one in Becomes}

    @property
    def unusual(self) -> int:
        """How many new values are unusual."""
        return sum(outcome.unusual for outcome in self.outcomes)

    @property
    def ready(self) -> bool:
        """Whether it can be recorded as it is."""
        counts = self.counts
        return not (self.refusals or counts[Becomes.FAULT] or counts[Becomes.CONFLICT])


def try_results(*, content: bytes, choices: Choices, actor: User, now: datetime) -> Report:
    """What recording the file would do; nothing of it is written.

    The audit keeps whose recorded values it shows beside others. Raises NotAllowed, or Refused
    when the file as a whole cannot be read.
    """
    require(actor, Permission.RECORD_RESULTS)
    report = _judged(content, choices, actor, now, lock=False)
    shown = (Becomes.CONFLICT, Becomes.LEFT_OUT)
    beside = {o.course.pk: o.course for o in report.outcomes if o.course and o.becomes in shown}
    for course in beside.values():
        note_chart_read(course, actor=actor, now=now)
    return report


@transaction.atomic
def import_results(*, content: bytes, choices: Choices, actor: User, now: datetime) -> Report:
    """Record every new value of the file, or none; the same file again writes nothing.

    Raises NotAllowed, or Refused naming each fault with its line and column. What a result causes
    happens once for each course.
    """
    require(actor, Permission.RECORD_RESULTS)
    report = _judged(content, choices, actor, now, lock=True)
    refusals = [*report.refusals, *_by_line(report)]
    if refusals:
        raise Refused(refusals)
    fresh = [outcome for outcome in report.outcomes if outcome.becomes is Becomes.NEW]
    if fresh:
        _write(report, fresh, choices, actor, now)
    told = tuple(replace(outcome, refusals=()) for outcome in report.outcomes)
    return replace(report, outcomes=told, committed=True)


def _judged(content: bytes, choices: Choices, actor: User, now: datetime, *, lock: bool) -> Report:
    sheet = read_sheet(
        content,
        columns=COLUMNS,
        needed=NEEDED,
        aliases=ALIASES,
        most=MOST_ROWS,
        older=OLDER_ENCODING,
    )
    lines = [read_line(line) for line in sheet.lines]
    courses = found_courses({line.course for line in lines}, actor=actor, lock=lock)
    chosen = {plain_name(name): code for name, code in choices.names.items() if code}
    names = {**remembered(centre_of(actor)), **chosen}
    outcomes = judge(lines, courses, names, conflicts=choices.conflicts, now=now)
    local = {o.local_name for o in outcomes if 0 < len(o.local_name) <= LONGEST_NAME}
    return Report(
        outcomes=outcomes,
        names={name: names.get(name, "") for name in sorted(local)},
        refusals=tuple(_against_unusual(outcomes, choices)),
        sha256=sheet.sha256,
    )


def _against_unusual(outcomes: tuple[Outcome, ...], choices: Choices) -> Iterator[Refusal]:
    unusual = sum(outcome.unusual for outcome in outcomes)
    if unusual and not choices.confirmed:
        message = N_("%(number)s unusual values: look at them again, then confirm them.")
        yield Refusal("unusual", message, {"number": unusual}, field="confirmed")
    if unusual and not choices.reason.strip():
        yield Refusal("required", N_("Say why the unusual values stand."), field="reason")


def _by_line(report: Report) -> Iterator[Refusal]:
    for outcome in report.outcomes:
        number = outcome.line.number
        if outcome.becomes is Becomes.FAULT:
            for refusal in outcome.refusals:
                yield replace(refusal, field=f"{number}.{refusal.field}")
        elif outcome.becomes is Becomes.CONFLICT:
            message = N_("Another value is there: say whether this one stays out or is added.")
            yield Refusal("conflict", message, field=f"{number}.conflict")


def _write(
    report: Report, fresh: list[Outcome], choices: Choices, actor: User, now: datetime
) -> None:
    """Record what is new, sample after sample; then what that causes, course by course."""
    source = f"file {report.sha256[:12]}"
    courses = {}
    for outcome in in_time(fresh):
        assert outcome.form is not None, "new, and so read"
        keep("lab", outcome.form, actor=actor, now=now, source=source)
        courses[outcome.form.course.pk] = outcome.form.course
    for course in courses.values():
        consequences.run(Happening(Event.RESULT_RECORDED, course, actor, now))
    said = {name: code for name, code in report.names.items() if code}
    record(
        actor=actor,
        now=now,
        action="results.import",
        reason=choices.reason.strip() if report.unusual else "",
        after={
            "sha256": report.sha256,
            "count": len(fresh),
            "unusual": report.unusual,
            "left_out": report.counts[Becomes.LEFT_OUT],
            "courses": [course.code for course in courses.values()],
            "names": list(remember(said, centre_of(actor), actor=actor, now=now)),
        },
    )
