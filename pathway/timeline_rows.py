"""What the pathway adds to the timeline: every move, in the uniform columns of all apps.

The columns are those of patients/timeline_rows.py, so that exports/timeline.py can put all of them
together in one UNION ALL. Dates that others count from (ENROL, APHERESIS, LD, INFUSION) are given
there, from the anchors; here stand the moves, with codes of their own.
"""

from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    DateField,
    DateTimeField,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import KT, KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Concat, NullIf, Upper
from django.db.models.lookups import Exact

from pathway.domain.companions import COMPANIONS
from pathway.domain.custody import STOPPING, WRITTEN_BY, Act
from pathway.domain.spine import SPINE, Stage
from pathway.models import (
    ApheresisAttempt,
    BridgingCourse,
    Change,
    Companion,
    ContainmentTherapy,
    Lymphodepletion,
    Precision,
)
from patients.models import Course
from patients.timeline_columns import CORRECTED, day, number, row_of

_PREFIX = {
    "eligibility": "ELIGIBILITY",
    "containment": "CONTAIN",
    "apheresis": "APHERESIS",
    "product": "PRODUCT",
    "bridging": "BRIDGE",
    "lymphodepletion": "LD",
}
# Where the published cases have a code of their own, or the state's name would not say it.
_OWN_CODES = {
    ("containment", "given"): "CONTAIN",
    ("containment", "closed"): "CONTAIN_END",
    ("apheresis", "in_progress"): "APHERESIS_STARTED",
    ("bridging", "none"): "BRIDGE_NONE",
    ("bridging", "running"): "BRIDGE",
    ("bridging", "on_hold"): "BRIDGE_HOLD",
    ("bridging", "closed"): "BRIDGE_END",
    ("bridging", "stopped_early"): "BRIDGE_STOPPED",
    # LD_PLANNED is the planned date of the anchor.
    ("lymphodepletion", "planned"): "LD_REGIMEN",
    ("lymphodepletion", "complete"): "LD_END",
}
# The anchor of the same move says the same on the same day.
_SAID_BY_ANCHOR = Q(machine="lymphodepletion", target="in_progress") & ~Q(cause__startswith="undo:")
_EXITS = {
    Stage.DECLINED: "EXIT_DECLINED",
    Stage.WITHDRAWN: "EXIT_WITHDRAWN",
    Stage.LOST: "EXIT_LOST",
}
_CUSTODY = "CUSTODY_"
REPINNED = "PROTOCOL_VERSION"
_REFERRED, _RESUMED, _REOPENED = "REFERRAL", "BRIDGE_RESUMED", "REOPENED"


def code_of(machine: str, target: str) -> str:
    """The event code of a move of `machine` to `target`."""
    if machine == "journey":
        stage = Stage(target)
        return _EXITS.get(stage, f"STAGE_{stage.value.upper()}")
    return _OWN_CODES.get((machine, target), f"{_PREFIX[machine]}_{target.upper()}")


_CODES_OF = {
    machine.name: {state.value: code_of(machine.name, state.value) for state in machine.states}
    for machine in (SPINE, *COMPANIONS.values())
}
del _CODES_OF["lymphodepletion"]["in_progress"]
CODES: frozenset[str] = frozenset(
    {code for codes in _CODES_OF.values() for code in codes.values()}
    | {_REFERRED, _RESUMED, _REOPENED, REPINNED}
    | {f"{_CUSTODY}{act.upper()}" for act in WRITTEN_BY}
)


def rows(courses: QuerySet[Course]) -> "list[QuerySet[Any, Any]]":
    """The moves of `courses` as uniform rows: one queryset, ready for UNION ALL.

    `value` holds the drug, the regimen or the yield where the move has one, else the reason that
    was written, which is free text and therefore `identifying`. The column for the source of the
    fact is called `origin` here, since `source` is the state a Change comes from; a union goes by
    position.
    """
    changes = Change.objects.filter(course__in=courses, superseded_by__supersedes=None)
    changes = changes.exclude(_SAID_BY_ANCHOR).order_by()
    own = Q(own_value__isnull=False)
    repins = row_of(
        courses,
        "repins",
        on=day("repins__moved_on"),
        code=REPINNED,
        label="",
        value=number("repins__target__version"),
        by="actor__username",
        source="",
    )
    return [
        repins,
        _corrected(courses),
        *_custody(courses),
        changes.annotate(own_value=_own_value()).values_list(
            "course_id",
            _event_code(),
            _of_ending(),
            _where_known(Cast("happened_on", TextField()), otherwise=_text("")),
            _where_known(_text("day"), otherwise=_text("")),
            _where_known(F("happened_on"), otherwise=Value(None, output_field=DateField())),
            Coalesce("own_value", "reason", output_field=TextField()),
            Case(When(own & Q(machine="apheresis"), then=_text("10*9")), default=_text("")),
            Cast("data_source", TextField()),
            Cast("actor__username", TextField()),
            F("recorded_at"),
            Case(
                When(own | Q(reason=""), then=Value(False)),
                default=Value(True),
                output_field=BooleanField(),
            ),
        ),
    ]


def _corrected(courses: QuerySet[Course]) -> "QuerySet[Any, Any]":
    """When a step was said to have happened, or how far a withdrawal to go, before a correction."""
    zone = F("course__centre__time_zone")
    at = F("superseded_by__recorded_at")
    local = Cast(Func(zone, at, function="TIMEZONE", output_field=DateTimeField()), DateField())
    struck = Change.objects.filter(course__in=courses, superseded_by__isnull=False).order_by()
    scope, after = (
        KeyTextTransform("exit_scope", name) for name in ("details", "superseded_by__details")
    )
    on = _where_known(Cast("happened_on", TextField()), otherwise=_text(""))
    return struck.values_list(
        "course_id",
        _text(CORRECTED),
        _event_code(),
        Cast(local, TextField()),
        _text("day"),
        local,
        Case(When(~Exact(scope, after), then=scope), default=on, output_field=TextField()),
        _text(""),
        _text(""),
        Cast("superseded_by__actor__username", TextField()),
        at,
        Value(False, output_field=BooleanField()),
    )


def _custody(courses: QuerySet[Course]) -> "list[QuerySet[Any, Any]]":
    """What was done with a product by hand; what followed a move or a check is told by that.

    The value is what stopped the product, where an entry notes damage or an excursion.
    """
    stopped = [
        When(**{f"custody_entries__{name}__in": list(codes)}, then=F(f"custody_entries__{name}"))
        for name, codes in STOPPING.items()
    ]

    def entry(code: Any, which: Q, **row: Any) -> "QuerySet[Any, Any]":
        on = day("custody_entries__on")
        return row_of(courses, "custody_entries", on=on, code=code, label="",
                      by="signer__username", source="", where=which, **row)  # fmt: skip

    by_hand = Q(custody_entries__cause="", custody_entries__act__in=list(WRITTEN_BY))
    return [
        entry(
            Concat(Value(_CUSTODY), Upper("custody_entries__act")),
            by_hand,
            value=Case(*stopped, default=_text(""), output_field=TextField()),
        ),
        entry(
            "DEVIATION",
            Q(custody_entries__act=Act.DEVIATION.value),
            value=F("custody_entries__remark"),
            identifying=True,
        ),
    ]


def _event_code() -> Case:
    """The code of each move; an undo and a drug taken up again are no new start of anything."""
    return Case(
        When(cause__startswith="undo:", then=_text(_REOPENED)),
        When(machine="journey", source="", then=_text(_REFERRED)),
        When(machine="bridging", source="on_hold", target="running", then=_text(_RESUMED)),
        # One machine, then its states: a flat list of pairs would be compared to the end per row.
        *(
            When(
                machine=machine,
                then=Case(*(When(target=state, then=_text(code)) for state, code in codes.items())),
            )
            for machine, codes in _CODES_OF.items()
        ),
        output_field=TextField(),
    )


def _of_ending() -> Case:
    """Which reason an early end has, and how far a withdrawal goes, by their codes; else nothing.

    An undo leads back to a stage, so that no code of an end stands on it.
    """
    reason, scope = (KT(f"details__{name}") for name in ("exit_reason", "exit_scope"))
    return Case(
        When(
            details__has_keys=["exit_reason", "exit_scope"],
            then=Concat(reason, _text(": "), scope),
        ),
        When(details__has_key="exit_scope", then=scope),
        When(details__has_key="exit_reason", then=reason),
        default=_text(""),
        output_field=TextField(),
    )


def _where_known(value: Any, *, otherwise: Value) -> Case:
    """`value` where somebody knows the day of the change."""
    return Case(When(precision=Precision.UNKNOWN, then=otherwise), default=value)


def _own_value() -> Case:
    """What the companion of the move is about; null where it has nothing to say."""
    about = {
        "containment": _of(ContainmentTherapy, "drug"),
        "bridging": _of(BridgingCourse, "drug"),
        "lymphodepletion": _of(Lymphodepletion, "regimen"),
    }
    counted = ("adequate", "inadequate")
    return Case(
        *(When(machine=machine, then=found) for machine, found in about.items()),
        When(machine="apheresis", target__in=counted, then=_of(ApheresisAttempt, "cd3_yield")),
        default=Value(None, output_field=TextField()),
        output_field=TextField(),
    )


def _of(model: type[Companion], column: str) -> NullIf:
    """A column of the companion that moved, as text; null where it is blank."""
    found = model._default_manager.filter(pk=OuterRef("subject_id")).values(column)
    return NullIf(Cast(Subquery(found), TextField()), _text(""))


def _text(text: str) -> Value:
    return Value(text, output_field=TextField())
