"""What reviews, meetings and gates add to the timeline, in the uniform columns of all apps.

A row has a key for its label, such as `item.CBC` or `check.infusion.fever`: the protocol has the
words.
"""

from collections.abc import Mapping

from django.db.models import Case, F, Q, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat

from pathway.domain.assessments import GateOutcome, ItemStep, Vote
from pathway.domain.eligibility_items import COMPUTED
from pathway.gating import MOVES
from patients.models import Course
from patients.timeline_columns import CORRECTED, Rows, day, local_day, row_of, unreplaced

MEETING, ITEM_RESULT = "MEETING", "ELIGIBILITY_RESULT"
GATE_PASSED, GATE_ASKED_AFTER = "GATE_PASSED", "GATE_ASKED_AFTER"
ITEM_CODES: Mapping[str, str] = {
    ItemStep.REQUESTED: "ELIGIBILITY_ORDERED",
    ItemStep.SAMPLED: "ELIGIBILITY_SAMPLED",
    ItemStep.RESULTED: ITEM_RESULT,
    ItemStep.WAIVED: "ELIGIBILITY_WAIVED",
}
GATE_CODES: Mapping[str, str] = {
    GateOutcome.WAIVED: "GATE_WAIVED",
    GateOutcome.MET: "GATE_MET",
    GateOutcome.NOT_MET: "GATE_NOT_MET",
    GateOutcome.NOT_APPLICABLE: "GATE_NOT_APPLICABLE",
}
UNSIGNED = "not_signed"
CODES = frozenset(
    {MEETING, GATE_PASSED, GATE_ASKED_AFTER, *ITEM_CODES.values(), *GATE_CODES.values()}
)
# What no name can be: anything else might be, and is told to who may read names, or as a choice.
_PLAIN = r"^(-?[0-9]+(\.[0-9]+)?|yes|no)?$"
# A negated condition on one of many rows would leave out the whole course: these say it plainly.
_TYPED = r"^(?!(-?[0-9]+(\.[0-9]+)?|yes|no)?$)"
_TELLING = rf"^(?!({'|'.join(sorted(COMPUTED))})$)"  # no item that follows from the birth date
_ITEM, _CHECK, _MEETING = "eligibilityentrys", "gateentrys", "meetings"


def rows(courses: QuerySet[Course]) -> list[Rows]:
    """Items, meetings, checks and passages of gates, and what stood before a correction."""
    return [
        *_item_rows(courses),
        *_meeting_rows(courses),
        *_check_rows(courses),
        *_passages(courses),
    ]


def _item_rows(courses: QuerySet[Course]) -> list[Rows]:
    """Rows of the review; what follows from the birth date would tell it."""
    told = Q(**{f"{_ITEM}__item__regex": _TELLING, f"{_ITEM}__step__in": list(ITEM_CODES)})
    stands = told & unreplaced(_ITEM)
    label = Concat(Value("item."), F(f"{_ITEM}__item"), output_field=TextField())
    code, value = _code(f"{_ITEM}__step", ITEM_CODES), f"{_ITEM}__value"
    plain, typed = Q(**{f"{value}__regex": _PLAIN}), Q(**{f"{value}__regex": _TYPED})

    def told_rows(which: Q, *, identifying: bool) -> Rows:
        return row_of(
            courses, _ITEM, on=day(f"{_ITEM}__on"), code=code, label=label, value=F(value),
            by="recorded_by__username", identifying=identifying, where=stands & which,
        )  # fmt: skip

    before = told & Q(**{f"{_ITEM}__replaced_by__isnull": False})
    return [
        told_rows(plain, identifying=False),
        told_rows(typed, identifying=True),
        _struck(courses, _ITEM, _about(code, label), day(f"{_ITEM}__on"), before),
    ]


def _meeting_rows(courses: QuerySet[Course]) -> list[Rows]:
    """Every meeting by its latest record; one that deferred was held, whatever came after it."""
    later, held = f"{_MEETING}__replaced_by", f"{_MEETING}__held_on"
    vote = F(f"{_MEETING}__vote")
    unsigned = Concat(vote, Value(f"; {UNSIGNED}"), output_field=TextField())
    another_day = _other(f"{later}__held_on", held)
    deferred = Q(**{f"{_MEETING}__vote": Vote.DEFERRED.value})
    decided = Q(**{f"{_MEETING}__vote__in": [Vote.ACCEPTED.value, Vote.NOT_ELIGIBLE.value]})
    same_day = Q(**{f"{later}__held_on": F(held)})
    corrected = same_day & _other(f"{later}__vote", f"{_MEETING}__vote")
    return [
        row_of(
            courses, _MEETING, on=day(held), code=MEETING, label="",
            value=Case(
                When(**{f"{_MEETING}__signed_by": None}, then=unsigned),
                default=vote, output_field=TextField(),
            ),
            by="recorded_by__username", where=Q(**{later: None}) | (deferred & another_day),
        ),
        _struck(
            courses, _MEETING, Value(MEETING), day(held), corrected | (decided & another_day)
        ),
    ]  # fmt: skip


def _check_rows(courses: QuerySet[Course]) -> list[Rows]:
    """What was recorded of the checks of a gate; the reason of a waiver is free text."""
    told = Q(**{f"{_CHECK}__outcome__in": list(GATE_CODES)})
    gate, check = F(f"{_CHECK}__gate"), F(f"{_CHECK}__check_code")
    label = Concat(Value("check."), gate, Value("."), check, output_field=TextField())
    code, at = _code(f"{_CHECK}__outcome", GATE_CODES), local_day(f"{_CHECK}__checked_at")
    waived, value = Q(**{f"{_CHECK}__outcome": GateOutcome.WAIVED.value}), f"{_CHECK}__value"
    before = told & Q(**{f"{_CHECK}__replaced_by__isnull": False})
    found = Q(**{f"{_CHECK}__outcome__in": [one for one in GATE_CODES if one != "waived"]})
    stands = told & unreplaced(_CHECK)
    plain, typed = Q(**{f"{value}__regex": _PLAIN}), Q(**{f"{value}__regex": _TYPED})

    def told_rows(which: Q, said: str, *, identifying: bool) -> Rows:
        return row_of(
            courses, _CHECK, on=at, code=code, label=label, value=F(said),
            by="recorded_by__username", identifying=identifying, where=stands & which,
        )  # fmt: skip

    return [
        told_rows(waived, f"{_CHECK}__remark", identifying=True),
        told_rows(found & plain, value, identifying=False),
        told_rows(found & typed, value, identifying=True),
        _struck(courses, _CHECK, _about(code, label), at, before),
    ]  # fmt: skip


def _passages(courses: QuerySet[Course]) -> list[Rows]:
    """When a course went through a gate; what was entered with its past went through none.

    Nor did what was told after it had happened: its gate was asked afterwards.
    """
    after = When(changes__told_after=True, then=Value(GATE_ASKED_AFTER))
    ways = [
        (Q(changes__machine=machine, changes__source=source, changes__target=target), gate)
        for (machine, source, target), gate in MOVES.items()
    ]
    any_gate = Q()
    for way, _gate in ways:
        any_gate |= way
    return [
        row_of(
            courses, "changes", on=day("changes__happened_on"),
            code=Case(after, default=Value(GATE_PASSED), output_field=TextField()),
            label=Case(
                *(When(way, then=Value(f"gate.{gate.value}")) for way, gate in ways),
                default=Value(""), output_field=TextField(),
            ),
            by="actor__username", source="data_source",
            where=any_gate & Q(changes__superseded_by__supersedes=None, changes__transcribed=False),
        )
    ]  # fmt: skip


def _struck(
    courses: QuerySet[Course], rel: str, code: Combinable, on: Combinable, where: Q
) -> Rows:
    """What stood before it was corrected or taken back, by the day that it had."""
    later = f"{rel}__replaced_by"
    return row_of(
        courses,
        rel,
        on=local_day(f"{later}__recorded_at"),
        code=CORRECTED,
        label=code,
        value=on,
        by="replaced_by__recorded_by__username",
        at="replaced_by__recorded_at",
        source="",
        where=where,
    )


def _other(one: str, another: str) -> Q:
    """Whether two columns say something else."""
    return Q(**{f"{one}__lt": F(another)}) | Q(**{f"{one}__gt": F(another)})


def _about(code: Combinable, label: Combinable) -> Concat:
    return Concat(code, Value(": "), label, output_field=TextField())


def _code(field: str, codes: Mapping[str, str]) -> Case:
    whens = [When(**{field: str(value)}, then=Value(code)) for value, code in codes.items()]
    return Case(*whens, default=Value(""), output_field=TextField())
