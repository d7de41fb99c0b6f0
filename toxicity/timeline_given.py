"""What treatments and infections add to the timeline, as they stand, in uniform columns."""

from django.db.models import (
    Case,
    DecimalField,
    ExpressionWrapper,
    F,
    Func,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Concat

from patients.models import Course
from patients.timeline_columns import (
    CORRECTED,
    Rows,
    choice,
    day,
    local_day,
    row_of,
    text,
    trim,
    unreplaced,
)
from terms.words import N_
from toxicity.domain.given import DRUGS, ORGANISMS, PURPOSES, SITES
from toxicity.infections import OVER

CODES = frozenset({"TREATMENT", "INFECTION", "INFECTION_END"})
_GIVEN = unreplaced("treatments") & Q(treatments__withdrawn=False)
_INFECTED = unreplaced("infections") & Q(infections__withdrawn=False)


def rows(courses: QuerySet[Course]) -> list[Rows]:
    """Doses with their amount of that time in all, infections from beginning to end."""
    germ = Concat(
        choice("infections__organism", dict(ORGANISMS)), Value(": "),
        choice("infections__site", dict(SITES)), output_field=TextField(),
    )  # fmt: skip
    severity = Coalesce(Cast("infections__severity", TextField()), Value(""))
    return [
        row_of(
            courses, "treatments", on=local_day("treatments__given_at"), code="TREATMENT",
            label=_drug(), value=_amount(), unit=_unit(), at="received_at", where=_GIVEN,
        ),
        row_of(
            courses, "treatments", on=local_day("treatments__given_at"), code="NOTE",
            label=N_("On a treatment given"), identifying=True, at="received_at",
            value=_both("treatments__other_drug", "treatments__remark"),
            where=_GIVEN & (Q(treatments__other_drug__gt="") | Q(treatments__remark__gt="")),
        ),
        row_of(
            courses, "infections", on=day("infections__began_on"), code="INFECTION", label=germ,
            value=severity, unit=_ctcae(), at="received_at", where=_INFECTED,
        ),
        row_of(
            courses, "infections", on=day("infections__ended_on"), code="INFECTION_END",
            label=germ, at="received_at", where=_INFECTED & Q(infections__ended_on__isnull=False),
        ),
        row_of(
            courses, "infections", on=day("infections__began_on"), code="NOTE",
            label=N_("On an infection"), identifying=True, at="received_at",
            value=_both("infections__other_organism", "infections__remark"),
            where=_INFECTED & (Q(infections__other_organism__gt="") | Q(infections__remark__gt="")),
        ),
        _struck(courses, "treatments", "TREATMENT", local_day("treatments__given_at")),
        _struck(courses, "infections", "INFECTION", day("infections__began_on")),
    ]  # fmt: skip


def _struck(courses: QuerySet[Course], rel: str, code: str, on: Combinable) -> Rows:
    """What stood before it was corrected or taken back, by the day that it had.

    That an infection is over corrects nothing, and what a taking back said stood for nothing.
    """
    later = f"{rel}__replaced_by"
    return row_of(
        courses, rel, on=local_day(f"{later}__received_at"), code=CORRECTED, label=code, value=on,
        by="replaced_by__recorded_by", at="replaced_by__received_at", source="",
        where=Q(**{f"{later}__isnull": False, f"{rel}__withdrawn": False})
        & ~Q(**{f"{later}__reason": OVER}),
    )  # fmt: skip


def _drug() -> Combinable:
    """`Dexamethasone: CRS`: the drug and what it was given for."""
    return Concat(
        choice("treatments__drug", dict(DRUGS)), Value(": "),
        choice("treatments__purpose", dict(PURPOSES)), output_field=TextField(),
    )  # fmt: skip


def _amount() -> Combinable:
    """All of the equal doses together; empty where nobody knows the dose."""
    total = ExpressionWrapper(
        F("treatments__dose") * F("treatments__times"),
        output_field=DecimalField(max_digits=15, decimal_places=3),
    )
    return Coalesce(
        Cast(Func(total, function="TRIM_SCALE", output_field=TextField()), TextField()), Value("")
    )


def _unit() -> Combinable:
    return Case(When(treatments__dose__isnull=False, then=F("treatments__unit")), default=Value(""))


def _ctcae() -> Combinable:
    graded = When(infections__severity__isnull=False, then=Value("CTCAE"))
    return Case(graded, default=Value(""), output_field=TextField())


def _both(name: str, remark: str) -> Combinable:
    return trim(Concat(text(F(name)), Value(" "), text(F(remark)), output_field=TextField()))
