"""Eligibility items, meetings and gate checks in the API: how they stand, and recording them."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import Reason, reading, writing
from accounts.api_requests import (
    ApiView,
    DayField,
    IdField,
    MomentField,
    StrictInput,
    TextField,
    WordsField,
    actor_of,
    body_of,
    naming,
    read,
)
from accounts.models import User
from accounts.problems import refusal_json
from pathway.assessing import ItemNote, record_items
from pathway.checklists import STATUS_WORDS, Row, check_rows, item_rows
from pathway.domain.assessments import GateOutcome, ItemStep, Vote
from pathway.domain.gate_rules import Gate
from pathway.gating import CheckNote, facts_before, record_checks
from pathway.loading import CourseState
from pathway.meeting import LONGEST, Minutes, record_meeting, sign_meeting
from pathway.meetings_shown import MeetingView, meeting_views
from pathway.models import Meeting
from pathway.passages import unchecked
from pathway.review_views import is_open
from pathway.selectors import course_state
from pathway.stood_before import checks_before, items_before
from patients.models import Course
from patients.reading import note_chart_read
from patients.selectors import course_or_404
from terms.day_numbers import local_date

_AT_ONCE = 60
GATE = OpenApiParameter(
    name="gate", location=OpenApiParameter.PATH, type=str, enum=[gate.value for gate in Gate]
)


class BeforeOut(serializers.Serializer[Any]):
    """A row that counts no more; texts and names are empty for readers of codes."""

    entry = serializers.IntegerField()
    state = serializers.CharField()
    value = serializers.CharField()
    remark = serializers.CharField()
    recorded_by = serializers.CharField(source="by")
    at = serializers.DateTimeField()
    taken_back = serializers.BooleanField(help_text="False: another row took its place.")
    reason = serializers.CharField()
    ended_by = serializers.CharField()
    ended_at = serializers.DateTimeField()


class RowOut(serializers.Serializer[Any]):
    """An item or a check as it stands. What nobody recorded is null or empty, never passed."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    state = serializers.CharField(help_text="One of: " + ", ".join(sorted(set(STATUS_WORDS))))
    expired = serializers.BooleanField(help_text="Older than its validity.")
    passed = serializers.BooleanField(help_text="Whether it no longer stands in the way.")
    not_checked = serializers.BooleanField(help_text="Past with a transcribed course.")
    not_then = serializers.BooleanField(help_text="At a first dose that was told afterwards.")
    mandatory = serializers.BooleanField()
    before_thaw = serializers.BooleanField(help_text="Asked when the product is thawed, too.")
    computed = serializers.BooleanField(help_text="Nobody records it.")
    value = serializers.CharField(help_text="In the language of the request.")
    threshold = serializers.CharField()
    units = serializers.ListField(child=serializers.CharField(), help_text="To choose from.")
    source = serializers.CharField()  # type: ignore[assignment]
    source_confirmed = serializers.BooleanField()
    on = serializers.DateField(allow_null=True)
    at = serializers.DateTimeField(allow_null=True)
    age = serializers.CharField()
    valid_until = serializers.DateField(allow_null=True)
    recorded_by = serializers.CharField()
    remark = serializers.CharField()
    entry = serializers.IntegerField(allow_null=True, help_text="What a correction replaces.")
    waiver = serializers.IntegerField(
        allow_null=True, help_text="It counts once the check is not met: `withdrawn` replaces it."
    )
    before = BeforeOut(many=True)
    missing = Reason(many=True)
    who_may_record = serializers.ListField(child=serializers.CharField())
    who_may_waive = serializers.ListField(child=serializers.CharField())


class ItemNoteIn(StrictInput):
    """One thing to record about one item."""

    item = WordsField(max_length=40)
    step = serializers.ChoiceField(choices=[step.value for step in ItemStep])
    value = TextField(120)
    on = DayField(required=False, allow_null=True)
    reason = TextField()
    replaces = IdField(required=False, allow_null=True)
    unit = TextField(20)
    confirmed = serializers.BooleanField(default=False, help_text="Of an unusual number.")


class ItemNotesIn(StrictInput):
    """Several things to record about items, all or none."""

    notes = serializers.ListField(child=ItemNoteIn(), max_length=_AT_ONCE)


class CheckNoteIn(StrictInput):
    """One thing to record about one check; a value that is weighed decides the outcome itself."""

    check = WordsField(max_length=30)
    outcome = serializers.ChoiceField(
        choices=["", *(outcome.value for outcome in GateOutcome)], required=False, default=""
    )
    value = TextField(120)
    checked_at = MomentField(required=False, allow_null=True)
    remark = TextField()
    replaces = IdField(required=False, allow_null=True)
    unit = TextField(20)
    confirmed = serializers.BooleanField(default=False, help_text="Of an unusual number.")


class CheckNotesIn(StrictInput):
    """Several things to record about checks of a gate, all or none."""

    notes = serializers.ListField(child=CheckNoteIn(), max_length=_AT_ONCE)


class RecordedOut(serializers.Serializer[Any]):
    """How the items or checks stand that were recorded."""

    rows = RowOut(many=True)


class MeetingIn(StrictInput):
    """A meeting; `sign` by a haematologist."""

    held_on = DayField()
    participants = WordsField(max_length=LONGEST)
    minutes = WordsField(max_length=LONGEST)
    vote = serializers.ChoiceField(choices=[vote.value for vote in Vote])
    in_favour = serializers.IntegerField(min_value=0, max_value=99)
    against = serializers.IntegerField(min_value=0, max_value=99, default=0)
    abstained = serializers.IntegerField(min_value=0, max_value=99, default=0)
    reason = TextField()
    review_on = DayField(required=False, allow_null=True)
    sign = serializers.BooleanField(required=False, default=False)


class MeetingOut(serializers.Serializer[Any]):
    """A record of a meeting; free text and names are empty for readers of codes."""

    id = serializers.IntegerField()
    counts = serializers.BooleanField(help_text="False for a record that a later one replaced.")
    held_on = serializers.DateField()
    vote = serializers.ChoiceField(choices=[vote.value for vote in Vote])
    in_favour = serializers.IntegerField()
    against = serializers.IntegerField()
    abstained = serializers.IntegerField()
    participants = serializers.CharField()
    minutes = serializers.CharField()
    reason = serializers.CharField()
    review_on = serializers.DateField(allow_null=True)
    signed = serializers.BooleanField()
    signed_by = serializers.CharField()
    signed_at = serializers.DateTimeField(allow_null=True)


class ItemsView(ListAPIView[Any]):
    """Items of the latest eligibility review."""

    serializer_class = RowOut

    @reading("List eligibility items", operation_id="eligibility_items_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List every item of the latest review as it stands now; none before there is a review."""
        actor = actor_of(request)
        state, now = course_state(actor, kwargs["pk"]), timezone.now()
        note_chart_read(state.course, actor=actor, now=now)
        page: Any = self.paginate_queryset(_items(actor, state, now))
        return self.get_paginated_response([row_json(row) for row in page])

    @writing("Record eligibility items", ItemNotesIn, RecordedOut)
    def post(self, request: Request, pk: int) -> Response:
        """Record orders, samples, results, waivers or corrections of items, all or none.

        `withdrawn` takes back the row that it `replaces`, with a `reason`.
        """
        actor, now = actor_of(request), timezone.now()
        course_or_404(actor, pk)
        notes = [ItemNote(**note) for note in read(ItemNotesIn, body_of(request), actor)["notes"]]
        with naming({}, within="notes"):
            record_items(course_id=pk, notes=notes, actor=actor, now=now)
        named = {note.item for note in notes}
        rows = _items(actor, course_state(actor, pk), now)
        return _recorded(row for row in rows if row.code in named)


class GateView(ListAPIView[Any]):
    """Checks of one gate."""

    serializer_class = RowOut

    @reading("List the checks of a gate", operation_id="gate_checks_list", parameters=[GATE])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List every check of a gate as it stands now, whatever stage the course is at."""
        actor, gate = actor_of(request), _gate(kwargs["gate"])
        state, now = course_state(actor, kwargs["pk"]), timezone.now()
        note_chart_read(state.course, actor=actor, now=now)
        page: Any = self.paginate_queryset(_checks(actor, state, gate, now))
        answer = [row_json(row, not_checked=unchecked(state, gate)) for row in page]
        return self.get_paginated_response(answer)

    @writing(
        "Record checks of a gate", CheckNotesIn, RecordedOut,
        operation_id="gate_checks_create", parameters=[GATE],
    )  # fmt: skip
    def post(self, request: Request, pk: int, gate: str) -> Response:
        """Record outcomes, values, waivers or corrections of checks, all or none.

        `withdrawn` takes back the row that it `replaces`, with a `remark`.
        """
        actor, now, which = actor_of(request), timezone.now(), _gate(gate)
        course_or_404(actor, pk)
        notes = [CheckNote(**note) for note in read(CheckNotesIn, body_of(request), actor)["notes"]]
        with naming({}, within="notes"):
            record_checks(course_id=pk, gate=which, notes=notes, actor=actor, now=now)
        named = {note.check for note in notes}
        rows = _checks(actor, course_state(actor, pk), which, now)
        return _recorded(row for row in rows if row.code in named)


class MeetingsView(ListAPIView[Any]):
    """Meetings about the latest review."""

    serializer_class = MeetingOut

    @reading("List meetings", operation_id="meetings_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the records of meetings about the latest review, the one that counts first."""
        actor = actor_of(request)
        state = course_state(actor, kwargs["pk"])
        note_chart_read(state.course, actor=actor, now=timezone.now())
        page: Any = self.paginate_queryset(list(_meetings(actor, state)))
        return self.get_paginated_response([meeting_json(one) for one in page])

    @writing("Record a meeting", MeetingIn, MeetingOut, operation_id="meetings_create")
    def post(self, request: Request, pk: int) -> Response:
        """Record minutes and vote; a later record takes the place of an earlier one."""
        actor = actor_of(request)
        course_or_404(actor, pk)
        given = read(MeetingIn, body_of(request), actor)
        sign = given.pop("sign")
        made = record_meeting(
            course_id=pk, minutes=Minutes(**given), sign=sign, actor=actor, now=timezone.now()
        )
        return _meeting(actor, made)


class MeetingSignView(ApiView):
    """The signature under the minutes of a meeting."""

    @writing("Sign the minutes of a meeting", None, MeetingOut, operation_id="meetings_sign")
    def post(self, request: Request, pk: int, meeting: int) -> Response:
        """Sign the minutes as they stand; a record that was replaced is refused."""
        course_or_404(self.actor, pk)
        made = sign_meeting(course_id=pk, meeting_id=meeting, actor=self.actor, now=timezone.now())
        return _meeting(self.actor, made)


def row_json(row: Row, *, not_checked: bool = False) -> dict[str, Any]:
    """A row of a checklist."""
    same = (
        "code", "label", "state", "expired", "passed", "mandatory", "computed", "value", "source",
        "on", "at", "age", "threshold", "valid_until", "remark", "entry", "waiver", "before_thaw",
    )  # fmt: skip
    return {name: getattr(row, name) for name in same} | {
        "not_then": row.not_then,
        "not_checked": not_checked and (row.computed or row.state == "missing"),
        "source_confirmed": row.confirmed,
        "recorded_by": row.by,
        "before": BeforeOut(row.before, many=True).data,
        "missing": [refusal_json(refusal) for refusal in row.missing],
        "units": list(row.units),
        "who_may_record": list(row.recorders),
        "who_may_waive": list(row.waivers),
    }


def meeting_json(view: MeetingView) -> dict[str, Any]:
    """A record of a meeting."""
    same = (
        "held_on", "vote", "participants", "minutes", "reason", "review_on", "signed",
        "signed_by", "signed_at",
    )  # fmt: skip
    favour, against, abstained = view.counts
    return {name: getattr(view, name) for name in same} | {
        "id": view.pk,
        "counts": view.counts_now,
        "in_favour": favour,
        "against": against,
        "abstained": abstained,
    }


def _items(actor: User, state: CourseState, now: Any) -> list[Row]:
    facts = state.facts(on=local_date(now, state.course.centre.zone), at=now)
    if not facts.reviews:
        return []
    return list(items_before(actor, facts, item_rows(actor, facts, open_review=is_open(facts))))


def _checks(actor: User, state: CourseState, gate: Gate, now: Any) -> list[Row]:
    facts = facts_before(state, gate, now)
    rows = check_rows(actor, facts, gate, not_checked=unchecked(state, gate))
    return list(checks_before(actor, facts, state.course.pk, gate, rows))


def _meetings(actor: User, state: CourseState) -> tuple[MeetingView, ...]:
    reviews = state.of("eligibility")
    return meeting_views(actor, state, reviews[-1].pk) if reviews else ()


def _meeting(actor: User, made: Meeting) -> Response:
    views = _meetings(actor, course_state(actor, made.course_id))
    return Response(meeting_json(next(one for one in views if one.pk == made.pk)), status=201)


def _recorded(rows: Any) -> Response:
    return Response({"rows": [row_json(row) for row in rows]}, status=201)


def _gate(name: str) -> Gate:
    """The gate of an address. Raises Course.DoesNotExist for no gate."""
    if name not in tuple(Gate):
        raise Course.DoesNotExist
    return Gate(name)
