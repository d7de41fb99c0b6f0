"""Results that answer a reminder: one whose day lies in exactly one open window of an item."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, CharField, F, Q, Value, When
from django.db.models.expressions import Combinable

from patients.consequences import Happening
from patients.models import CsfResult, ImagingResult, LabResult, MarrowResult
from patients.models.history import ChartEntry
from protocol.selectors import settings_of
from reminders.domain.facts import ANALYTES
from reminders.domain.items import Schedule
from reminders.loading import full_day
from reminders.models import BEFORE_PERCORSO, WAITING, Reminder

# A puncture is therapeutic only where somebody said that therapy was given.
_INTRATHECAL = Case(When(intrathecal=True, then=Value("intrathecal")), default=Value(""))
_MODELS: Mapping[str, tuple[type[ChartEntry], Combinable]] = {
    "marrow": (MarrowResult, Value("", output_field=CharField())),
    "csf": (CsfResult, _INTRATHECAL),
    "imaging": (ImagingResult, F("kind")),
    "lab": (LabResult, F("analyte")),
}


@dataclass(frozen=True)
class Recorded:
    """A result that was written or brought back now; `of` says which examination or value."""

    kind: str
    pk: int
    on: date | None
    of: str

    @property
    def cause(self) -> str:
        """What a reminder names that it closes."""
        return f"{self.kind}:{self.pk}"

    @property
    def answers(self) -> frozenset[str]:
        """What it may answer, as protocols write it."""
        if self.kind == "lab":
            return frozenset({f"lab {self.of}"})
        return frozenset({self.of} if self.kind == "imaging" else {self.kind, self.of}) - {""}


def recorded_now(happening: Happening) -> list[Recorded]:
    """The results of this very transaction, and the one that it brings back, in one query.

    Earlier ones do not count: a reminder that was reopened by hand stays open.
    """
    kind, _colon, number = happening.cause.partition(":")
    queries = []
    for name, (model, of) in _MODELS.items():
        brought_back = Q(pk=number) if kind == name else Q(pk=None)
        looked_at = {"analyte__in": ANALYTES} if name == "lab" else {}
        rows = model.objects.filter(
            Q(recorded_at=happening.now) | brought_back, course=happening.course, **looked_at
        )
        label = Value(name, output_field=CharField())
        queries.append(rows.annotate(of=of, what=label).values_list("what", "pk", "on", "of"))
    first, *others = queries
    found = sorted(first.union(*others, all=True))
    return [Recorded(what, pk, full_day(on), of) for what, pk, on, of in found]


def answered(happening: Happening, results: Iterable[Recorded]) -> list[tuple[Reminder, Recorded]]:
    """The reminders that `results` answer, each with its result, in one query.

    A day in no window of an item, or in two, answers nothing: a person says which one it was. The
    day of a test whose result is awaited is its own, in time or not. What waits comes before what
    was set aside as before Percorso, of which somebody tells now.
    """
    schedule = settings_of(happening.course.protocol).section("schedule", Schedule)
    asking: dict[str, list[str]] = defaultdict(list)
    for item in schedule.items:
        for answer in () if item.answered_by is None else item.answered_by.value:
            asking[answer].append(item.code)
    fitting = [
        (one, [code for answer in sorted(one.answers) for code in asking[answer]])
        for one in results
        if one.on is not None
    ]
    rows = _rows(happening, {code for _one, codes in fitting for code in codes})
    found: list[tuple[Reminder, Recorded]] = []
    for one, codes in fitting:
        for code in codes:
            row = _the_only_one(rows, one, code, {row.pk for row, _result in found})
            if row is not None:
                found.append((row, one))
    return found


def _rows(happening: Happening, items: Collection[str]) -> Sequence[Reminder]:
    """What waits, and what some result has closed, of these items."""
    if not items:
        return ()
    return list(Reminder.objects.filter(course=happening.course, item__in=items).order_by("pk"))


def _the_only_one(
    rows: Iterable[Reminder], result: Recorded, item: str, taken: Collection[int]
) -> Reminder | None:
    of_item = [row for row in rows if row.item == item]
    if result.on is None or any(row.closed_cause == result.cause for row in of_item):
        return None
    within = [
        row
        for row in of_item
        if not row.awaits_result
        and not row.provisional
        and row.window_start <= result.on <= row.window_end
    ]
    open_ = (
        [row for row in of_item if row.awaits_result and row.performed_on == result.on]
        or [row for row in within if row.status in WAITING]  # put off or not: it happened
        or [row for row in within if row.closed_cause == BEFORE_PERCORSO]
    )
    return open_[0] if len(open_) == 1 and open_[0].pk not in taken else None
