"""Facts of the chart as pages and the API show them: in words, with what stood before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from accounts.wording import day_text
from patients.charting import KINDS
from patients.domain.steps import STEP_LABELS, Step
from patients.fact_values import FREE_TEXT, HOLD, STAY, Fact, revived, told
from patients.holds import delay_reasons
from patients.identity import Named
from patients.models import Correction, Course, Hold, Stay
from patients.models.corrections import CorrectionKind
from patients.models.history import ChartEntry
from patients.selectors import Chart, chart_of
from terms.partial_dates import PartialDate, parse

# The kinds of facts by the names they have in the chart, in the order of a page.
PARTS: Mapping[str, str] = {
    "diagnosis": "diagnoses",
    "line": "lines",
    "transplant": "transplants",
    "relapse": "relapses",
    "antigen": "antigens",
    "comorbidity": "comorbidities",
    "consent": "consents",
    "lab": "labs",
    "marrow": "marrows",
    "imaging": "images",
    "csf": "csf",
    "allergy": "allergies",
    "contact": "contacts",
    "caregiver": "caregivers",
    "document": "documents",
    "attempt": "attempts",
    "handover": "handovers",
    "note": "notes",
}
_DATES: Mapping[str, str] = {STAY: "stays", HOLD: "holds"}
_CORRECTED = CorrectionKind.CORRECTED


@dataclass(frozen=True)
class StruckFact:
    """What stood before, by whom it was corrected when, and why."""

    on: PartialDate | None
    text: str
    corrected_by: str
    corrected_at: datetime
    why: str


@dataclass(frozen=True)
class Asked:
    """Somebody asks for a correction, and says what is wrong."""

    by: str
    at: datetime
    why: str


@dataclass(frozen=True)
class FactRow:
    """One fact as it stands; the addresses are empty for who may not correct, or not ask."""

    label: str | Promise
    on: PartialDate | None
    text: str
    by: str
    recorded_at: datetime
    correct_url: str
    error_url: str
    ask_url: str
    asked: tuple[Asked, ...]
    struck: tuple[StruckFact, ...]


def corrections_of(course: Course) -> dict[tuple[str, int], tuple[Correction, ...]]:
    """The corrections of every fact of a course that stands, and those asked for, latest first."""
    found: dict[tuple[str, int], list[Correction]] = {}
    gone: dict[tuple[str, int], bool] = {}
    for one in Correction.objects.filter(course=course).order_by("-pk"):
        key = (one.fact, one.fact_id)
        if one.kind in (_CORRECTED, CorrectionKind.ASKED_FOR):
            found.setdefault(key, []).append(one)
        gone.setdefault(key, one.kind == CorrectionKind.IN_ERROR)
    # Only the latest of marking and bringing back says whether it stands.
    return {key: tuple(rows) for key, rows in found.items() if not gone[key]}


def fact_rows(user: User, course: Course, today: date) -> tuple[FactRow, ...]:
    """Every fact of the chart of a course for `user`, kind by kind, in two queries."""
    corrections = corrections_of(course)
    return tuple(
        _row(user, course, kind, fact, corrections.get((kind, fact.pk), ()), today)
        for kind, fact in facts_of(chart_of(course))
    )


def facts_of(chart: Chart) -> Iterator[tuple[str, Fact]]:
    """Every fact of a chart with its kind."""
    for kind, part in {**_DATES, **PARTS}.items():
        for fact in getattr(chart, part):
            yield kind, fact


def label_of(kind: str) -> str | Promise:
    """What a kind of fact is called."""
    names = {STAY: _("Stay in hospital"), HOLD: _("Delay")}
    return names.get(kind) or KINDS[kind].label


def dated(fact: Fact) -> PartialDate | None:
    """When a fact was, as far as it is known; the beginning of a stay or a hold."""
    if isinstance(fact, ChartEntry):
        return parse(fact.on) if fact.on else None
    on = fact.began_on
    return PartialDate(on.year, on.month, on.day)


def words_of(user: User, course: Course, kind: str, fact: Fact, today: date) -> str:
    """What a fact says, without free text for who may not see identities."""
    named = user.may(Permission.SEE_IDENTITY)
    hidden = frozenset() if named else FREE_TEXT.get(kind, frozenset())
    pairs = _pairs(course, kind, fact, today)
    # What was typed of a laboratory value is its number and unit.
    return " · ".join(f"{pair.label}: {pair.value}" for name, pair in pairs if name not in hidden)


def _pairs(course: Course, kind: str, fact: Fact, today: date) -> Iterator[tuple[str, Named]]:
    if isinstance(fact, Stay):
        yield "unit", Named(_("Unit"), fact.get_unit_display())
        if fact.place:
            yield "place", Named(_("Ward"), fact.place)
    elif isinstance(fact, Hold):
        reason = delay_reasons(course).by_code.get(fact.reason_code)
        language = get_language() or "en"
        yield "step", Named(_("Step held"), _(STEP_LABELS[Step(fact.step)]))
        yield (
            "reason_code",
            Named(_("Reason"), reason.label.in_language(language) if reason else fact.reason_code),
        )
        if fact.planned_on is not None:
            yield "planned_on", Named(_("Date given up"), day_text(fact.planned_on))
    else:
        yield from told(course, kind, fact, today)
        return
    if fact.ended_on is not None:
        yield "ended_on", Named(_("To"), day_text(fact.ended_on))


def _row(
    user: User,
    course: Course,
    kind: str,
    fact: Fact,
    corrections: Sequence[Correction],
    today: date,
) -> FactRow:
    named, may = user.may(Permission.SEE_IDENTITY), user.may(Permission.CORRECT)
    address = [course.pk, kind, fact.pk]
    # Who may correct it has no need to ask.
    asks = user.may(Permission.WRITE_NOTES) and not may
    return FactRow(
        label=label_of(kind),
        on=dated(fact),
        text=words_of(user, course, kind, fact, today),
        by=fact.recorded_by if named else "",
        recorded_at=fact.recorded_at,
        correct_url=reverse("fact_correct", args=address) if may else "",
        error_url=reverse("fact_error", args=address) if may else "",
        ask_url=reverse("fact_ask", args=address) if asks else "",
        asked=tuple(
            Asked(one.corrected_by, one.corrected_at, one.reason)
            for one in takewhile(lambda one: one.kind == CorrectionKind.ASKED_FOR, corrections)
            if named
        ),
        struck=tuple(
            _struck(user, course, kind, one, today) for one in corrections if one.kind == _CORRECTED
        ),
    )


def _struck(user: User, course: Course, kind: str, one: Correction, today: date) -> StruckFact:
    named = user.may(Permission.SEE_IDENTITY)
    before = revived(kind, one.before)
    return StruckFact(
        on=dated(before),
        text=words_of(user, course, kind, before, today),
        corrected_by=one.corrected_by if named else "",
        corrected_at=one.corrected_at,
        why=one.reason if named else "",
    )
