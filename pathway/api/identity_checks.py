"""Two-person identity checks in the API: begin one, sign a reading, number a deviation."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import require
from accounts.api_answers import reading, writing
from accounts.api_requests import (
    ApiView,
    IdField,
    StrictInput,
    WordsField,
    actor_of,
    body_of,
    read,
)
from accounts.permissions import Permission
from accounts.signing_again import sign_in_again
from pathway.deviations import record_deviation
from pathway.domain.identity_checks import READ_NAMES, CheckKind, Outcome
from pathway.identity_checks import open_check, sign_scan
from pathway.identity_selectors import CheckView, check_of, check_view, checks_of
from pathway.scanning import LONGEST_SCAN
from patients.reading import note_chart_read
from patients.selectors import course_or_404

KINDS = [kind.value for kind in CheckKind]


class CheckIn(StrictInput):
    """A check to begin."""

    product = IdField()
    kind = WordsField(max_length=10, help_text="`receipt` or `bedside`.")

    def validate_kind(self, kind: str) -> str:
        """One of the kinds there are. Raises ValidationError."""
        if kind not in KINDS:
            raise serializers.ValidationError(_("Choose receipt or bedside."), code="unknown_kind")
        return kind


class ReadingIn(StrictInput):
    """What one person read from the labels, and their password."""

    hospital_id = WordsField(max_length=LONGEST_SCAN, required=False, allow_blank=True)
    din = WordsField(max_length=LONGEST_SCAN, required=False, allow_blank=True)
    lot = WordsField(max_length=LONGEST_SCAN, required=False, allow_blank=True)
    coi_id = WordsField(max_length=LONGEST_SCAN, required=False, allow_blank=True)
    cassette_lot = WordsField(max_length=LONGEST_SCAN, required=False, allow_blank=True)
    dose = WordsField(
        max_length=LONGEST_SCAN,
        required=False,
        allow_blank=True,
        help_text="As the bag prints it, in 10⁶ CAR+ cells: in all, or per kg.",
    )
    labels_agree = serializers.BooleanField(required=False, allow_null=True, default=None)
    cassette_agrees = serializers.BooleanField(required=False, allow_null=True, default=None)
    password = WordsField(max_length=1024, trim_whitespace=False)


class DeviationIn(StrictInput):
    """The hospital's number of a deviation."""

    number = WordsField(max_length=40)


class ReaderOut(serializers.Serializer[Any]):
    """Who read and when; what they read stays theirs."""

    person = serializers.CharField()
    scanned_at = serializers.DateTimeField()


class CheckOut(serializers.Serializer[Any]):
    """A check as it stands."""

    id = serializers.IntegerField()
    product = serializers.IntegerField()
    kind = serializers.CharField(help_text="`receipt` or `bedside`.")
    outcome = serializers.ChoiceField(choices=[outcome.value for outcome in Outcome])
    opened_at = serializers.DateTimeField()
    snapshot = serializers.DictField(child=serializers.CharField(allow_blank=True))
    readings = ReaderOut(many=True)
    mismatches = serializers.ListField(child=serializers.CharField())
    counts = serializers.BooleanField(
        help_text="Whether it passed and nothing has changed, been begun or run out since."
    )
    valid_until = serializers.DateTimeField(allow_null=True)
    dose_left_out = serializers.BooleanField(
        help_text="Whether the dose on the bag is not compared, because no certificate says one."
    )
    deviation_number = serializers.CharField()


class ChecksView(ListAPIView[Any]):
    """The identity checks of a course."""

    serializer_class = CheckOut

    @reading("List identity checks")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the checks of the course's products, latest first."""
        actor, now = actor_of(request), timezone.now()
        course = course_or_404(actor, kwargs["pk"])
        require(actor, Permission.SEE_IDENTITY)
        note_chart_read(course, actor=actor, now=now)
        page: Any = self.paginate_queryset(checks_of(course))
        return self.get_paginated_response([_json(check_view(check, now)) for check in page])

    @writing("Begin an identity check", CheckIn, CheckOut)
    def post(self, request: Request, pk: int) -> Response:
        """Freeze what two people will compare the labels with."""
        actor, now = actor_of(request), timezone.now()
        course = course_or_404(actor, pk)
        require(actor, Permission.SEE_IDENTITY)
        given = read(CheckIn, body_of(request), actor)
        check = open_check(
            course_id=pk, product_id=given["product"], kind=given["kind"], actor=actor, now=now
        )
        return Response(_json(check_view(check_of(course, check.pk), now)), status=201)


class OneCheckView(ApiView):
    """One identity check."""

    @reading("Read an identity check", CheckOut)
    def get(self, request: Request, pk: int, check: int) -> Response:
        """How the check stands; never what one person read."""
        now = timezone.now()
        course = course_or_404(self.actor, pk)
        require(self.actor, Permission.SEE_IDENTITY)
        note_chart_read(course, actor=self.actor, now=now)
        return Response(_json(check_view(check_of(course, check), now)))


class CheckScansView(ApiView):
    """The readings of an identity check."""

    @writing("Sign what you read", ReadingIn, CheckOut)
    def post(self, request: Request, pk: int, check: int) -> Response:
        """Sign one reading. A mismatch is kept: the answer's outcome is then `stopped`."""
        now = timezone.now()
        course = course_or_404(self.actor, pk)
        require(self.actor, Permission.SEE_IDENTITY)
        check_of(course, check)
        given = self.received(ReadingIn)
        signed_at = sign_in_again(request._request, self.actor, given.pop("password"), now=now)
        sign_scan(
            course_id=pk,
            check_id=check,
            read=given,
            signed_in_at=signed_at,
            actor=self.actor,
            now=now,
        )
        return _answer(self.actor, pk, check, now)


class CheckDeviationView(ApiView):
    """The deviation that a mismatch is."""

    @writing("Number a deviation", DeviationIn, CheckOut)
    def post(self, request: Request, pk: int, check: int) -> Response:
        """Keep the hospital's number of the deviation."""
        now = timezone.now()
        course = course_or_404(self.actor, pk)
        require(self.actor, Permission.SEE_IDENTITY)
        check_of(course, check)
        given = self.received(DeviationIn)
        record_deviation(
            course_id=pk, check_id=check, number=given["number"], actor=self.actor, now=now
        )
        return _answer(self.actor, pk, check, now)


def _answer(actor: Any, pk: int, check: int, now: datetime) -> Response:
    return Response(_json(check_view(check_of(course_or_404(actor, pk), check), now)), status=201)


def _json(view: CheckView) -> dict[str, Any]:
    check, scans = view.check, view.standing.scans
    return {
        "id": check.pk,
        "product": check.product_id,
        "kind": check.kind,
        "outcome": view.standing.outcome.value,
        "opened_at": check.opened_at,
        "snapshot": {n: text for n, text in check.snapshot.items() if n in READ_NAMES},
        "readings": [
            {"person": scan.person.get_full_name(), "scanned_at": scan.scanned_at} for scan in scans
        ],
        "mismatches": [name for scan in scans for name in scan.mismatches],
        "counts": view.standing.outcome is Outcome.PASSED and not view.lapsed,
        "valid_until": view.until if view.standing.outcome is Outcome.PASSED else None,
        "dose_left_out": view.dose_left_out,
        "deviation_number": view.deviation,
    }
