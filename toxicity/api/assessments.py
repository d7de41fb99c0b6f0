"""Bedside checks in the API: logged, listed, corrected, taken back; what clinicians say of them."""

from typing import Any, TypeVar

from django.utils import timezone
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import reading, writing
from accounts.api_keys import IDEMPOTENCY_KEY, key_of
from accounts.api_requests import (
    ApiView,
    MomentField,
    StrictInput,
    TextField,
    WordsField,
    actor_of,
    body_of,
    read,
)
from accounts.models import User
from patients.reading import course_read
from patients.selectors import course_or_404
from toxicity.api.shown import AssessmentOut, EpisodeOut, check_json, episode_json
from toxicity.bedside.standing import told_of
from toxicity.checks import check_of, check_with_grades, checks_among, infusion_day
from toxicity.domain.crs import CrsSigns
from toxicity.domain.icans import IcansSigns
from toxicity.domain.iec_hs import IecHsSigns
from toxicity.domain.scales import MOST, VERDICT_NAMES, Scale
from toxicity.inputs.scales import CrsIn, IcansIn, IecHsIn, crs_signs, icans_signs
from toxicity.models import Assessment, Episode
from toxicity.recording import Logged, correct_check, log_check, withdraw_check
from toxicity.reviewing import review_grade
from toxicity.seen import Seen

S = TypeVar("S", CrsSigns, IcansSigns, IecHsSigns)


class ChosenIn(StrictInput):
    """Grades picked beside the published table, where the centre computes none."""

    crs = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=MOST)
    icans = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=MOST)
    iec_hs = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=MOST)


class AssessmentIn(StrictInput):
    """What was seen at one moment: signs by scale, never a computed grade."""

    observed_at = MomentField()
    crs = CrsIn(required=False, allow_null=True)
    icans = IcansIn(required=False, allow_null=True)
    iec_hs = IecHsIn(required=False, allow_null=True)
    grades = ChosenIn(required=False)
    baseline = serializers.BooleanField(required=False, default=False)
    handwriting = TextField(200)
    remark = TextField(500)
    confirmed = serializers.BooleanField(required=False, default=False)


class CorrectedIn(AssessmentIn):
    """What should stand instead, and why."""

    reason = WordsField(max_length=500)


class ReasonIn(StrictInput):
    """Why."""

    reason = WordsField(max_length=500)


class ReviewIn(StrictInput):
    """A clinician's word about a grade."""

    verdict = serializers.ChoiceField(choices=list(VERDICT_NAMES))
    grade = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=MOST)
    reason = TextField(500)
    answers = serializers.IntegerField(
        required=False,
        allow_null=True,
        help_text="The id of the review that stood when the grade was read; null for none.",
    )


def seen_of(given: dict[str, Any]) -> Seen:
    """What a valid input says."""
    crs, icans, iec_hs = (given.pop(scale.value, None) or {} for scale in Scale)
    # The chart knows both better than who sends: neither was seen at the bedside.
    icans.update(age_years=None, baseline_ice=None)
    return Seen(
        observed_at=given["observed_at"],
        crs=_unless_empty(crs_signs(crs), CrsSigns()),
        icans=_unless_empty(icans_signs(icans), IcansSigns()),
        iec_hs=_unless_empty(IecHsSigns(**iec_hs), IecHsSigns()),
        chosen=given.get("grades", {}),
        baseline=given["baseline"],
        handwriting=given["handwriting"],
        remark=given["remark"],
        confirmed=given["confirmed"],
    )


def _read(request: Request, actor: User, course: int) -> dict[str, Any]:
    """What a check says; of another centre's course nobody is told what is wrong with it."""
    try:
        return read(AssessmentIn, body_of(request), actor)
    except Exception:
        course_or_404(actor, course)
        raise


def _unless_empty(signs: S, nothing: S) -> S | None:
    """A scale of which nothing is said was not looked at."""
    return None if signs == nothing else signs


class AssessmentsView(ListAPIView[Assessment]):
    """Bedside checks of a course."""

    serializer_class = AssessmentOut
    queryset = Assessment.objects.none()

    @reading("List bedside checks")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the checks that stand, the latest first; the audit keeps the reading."""
        actor = actor_of(request)
        course = course_read(actor, kwargs["pk"], now=timezone.now())
        rows = Assessment.objects.visible_to(actor).filter(course=course).standing()
        page = self.paginate_queryset(rows.latest_first()) or []
        found = {
            check.assessment.pk: check
            for check in checks_among(
                Assessment.objects.visible_to(actor).filter(pk__in=[row.pk for row in page])
            )
        }
        # One that was replaced between the two queries stands no longer.
        shown = [check_json(actor, found[row.pk]) for row in page if row.pk in found]
        return self.get_paginated_response(shown)

    @writing("Log a bedside check", AssessmentIn, AssessmentOut, parameters=[IDEMPOTENCY_KEY])
    def post(self, request: Request, pk: int) -> Response:
        """Store what was seen, with the grades it gives; the same key is stored once."""
        actor = actor_of(request)
        given = _read(request, actor, pk)
        logged = log_check(
            course_id=pk,
            seen=seen_of(given),
            actor=actor,
            now=timezone.now(),
            key=key_of(request),
        )
        return _logged(actor, logged)


class CorrectionView(ApiView):
    """Correcting a check."""

    @writing("Correct a bedside check", CorrectedIn, AssessmentOut, parameters=[IDEMPOTENCY_KEY])
    def post(self, request: Request, pk: int, assessment: int) -> Response:
        """What stood before is kept; everything counted from it is counted anew."""
        course_or_404(self.actor, pk)
        given = self.received(CorrectedIn)
        reason = given.pop("reason")
        logged = correct_check(
            course_id=pk,
            assessment_id=assessment,
            seen=seen_of(given),
            reason=reason,
            actor=self.actor,
            now=timezone.now(),
            key=key_of(request),
        )
        return _logged(self.actor, logged)


class WithdrawalView(ApiView):
    """Taking a check back."""

    @writing("Take a bedside check back", ReasonIn, None, status=204)
    def post(self, request: Request, pk: int, assessment: int) -> Response:
        """It was never made, or of somebody else; it is kept, and stands no longer."""
        course_or_404(self.actor, pk)
        given = self.received(ReasonIn)
        withdraw_check(
            course_id=pk,
            assessment_id=assessment,
            reason=given["reason"],
            actor=self.actor,
            now=timezone.now(),
        )
        return Response(status=204)


class ReviewView(ApiView):
    """A clinician's word."""

    @writing("Confirm a grade, or give another", ReviewIn, AssessmentOut)
    def post(self, request: Request, pk: int) -> Response:
        """The found grade and the clinician's are both kept; no word is overruled unread."""
        given = self.received(ReviewIn)
        review = review_grade(grade_id=pk, **given, actor=self.actor, now=timezone.now())
        check = check_of(self.actor, review.of.assessment_id)
        return Response(check_json(self.actor, check), status=201)


class EpisodesView(ListAPIView[Episode]):
    """Episodes of a course."""

    serializer_class = EpisodeOut
    queryset = Episode.objects.none()

    @reading("List episodes")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the episodes by scale; `days` of an ongoing one are those so far."""
        actor = actor_of(request)
        course = course_read(actor, kwargs["pk"], now=timezone.now())
        rows = (
            Episode.objects.visible_to(actor_of(request))
            .filter(course=course)
            .order_by("scale", "ordinal")
        )
        page = self.paginate_queryset(rows) or []
        infused_on = infusion_day(course)
        return self.get_paginated_response([episode_json(row, infused_on) for row in page])


def _logged(actor: User, logged: Logged) -> Response:
    row = logged.assessment
    told = {one.grade.scale for one in logged.told}
    if not logged.graded:  # the same request again: of what the first one stored
        told = {one.grade.scale for one in told_of(row.course, row.pk)}
    shown = check_json(actor, check_with_grades(row))
    return Response(shown | {"told": sorted(told)}, status=201)
