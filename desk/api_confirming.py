"""What waits for a clinician's word in the API: grades, and episodes that seem over."""

from typing import Any

from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import require
from accounts.api_answers import reading
from accounts.api_requests import actor_of
from accounts.models import User
from accounts.permissions import Permission
from desk.confirming import waiting_episodes, waiting_grades
from patients.models import Course
from patients.selectors import person_label
from toxicity.api.shown import EpisodeOut, episode_json
from toxicity.domain.scales import Scale
from toxicity.models import AssessmentGrade, Episode
from toxicity.standing_grades import Standing, latest_by_scale, read


class LostOut(serializers.Serializer[Any]):
    """A clinician's word of a higher grade, about what stood before a correction."""

    grade = serializers.IntegerField()
    at = serializers.DateTimeField()
    by = serializers.CharField(allow_null=True)
    reason = serializers.CharField(allow_null=True)


class WaitingGradeOut(serializers.Serializer[Any]):
    """A grade that nobody has confirmed; `id` is that of `/grades/{id}/reviews/`."""

    id = serializers.IntegerField()
    course = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField(allow_null=True)
    assessment = serializers.IntegerField()
    scale = serializers.ChoiceField(choices=[scale.value for scale in Scale])
    observed_at = serializers.DateTimeField()
    grade = serializers.IntegerField(allow_null=True, help_text="Null: not assessable, never 0.")
    at_least = serializers.BooleanField(help_text="Something is not known that could make it more.")
    lost = LostOut(allow_null=True)


class WaitingEpisodeOut(EpisodeOut):
    """An episode without signs; whoever confirms its last grade says that it is over."""

    course = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField(allow_null=True)
    last_grade = serializers.IntegerField(
        allow_null=True, help_text="The id of the last grade, for `/grades/{id}/reviews/`."
    )


class WaitingGradesView(ListAPIView[AssessmentGrade]):
    """Grades that wait for a clinician."""

    serializer_class = WaitingGradeOut
    queryset = AssessmentGrade.objects.none()

    @reading("List grades that wait for a clinician")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Grades above 0 without a word, and words that a correction lost, the newest first."""
        actor = actor_of(request)
        require(actor, Permission.READ_COURSES)
        rows = self.paginate_queryset(waiting_grades(actor)) or []
        found = {one.pk: one for one in read(waiting_grades(actor).filter(pk__in=_ids(rows)))}
        wanted = {one.course_id for one in found.values()}
        courses = Course.objects.visible_to(actor).select_related("patient").in_bulk(wanted)
        # One that a clinician answered between the two queries waits no longer.
        shown = [found[pk] for pk in _ids(rows) if pk in found]
        return self.get_paginated_response(
            [
                _grade(actor, one, courses[one.course_id])
                for one in shown
                if one.course_id in courses
            ]
        )


class WaitingEpisodesView(ListAPIView[Episode]):
    """Episodes that wait for a clinician."""

    serializer_class = WaitingEpisodeOut
    queryset = Episode.objects.none()

    @reading("List episodes that wait for a clinician")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Episodes without signs that nobody has said to be over, the newest first."""
        actor = actor_of(request)
        require(actor, Permission.READ_COURSES)
        rows = self.paginate_queryset(waiting_episodes(actor)) or []
        latest = latest_by_scale({one.course_id for one in rows}, known=True)
        shown = [_episode(actor, one, latest.get((one.course_id, one.scale))) for one in rows]
        return self.get_paginated_response(shown)


def _ids(rows: Any) -> list[int]:
    return [row.pk for row in rows]


def _whose(actor: User, course: Course) -> dict[str, Any]:
    named = actor.may(Permission.SEE_IDENTITY)
    name = person_label(actor, course.patient, course) if named else None
    return {"course": course.pk, "code": course.code, "name": name}


def _grade(actor: User, one: Standing, course: Course) -> dict[str, Any]:
    named, lost = actor.may(Permission.SEE_IDENTITY), one.lost
    said = lost and {
        "grade": lost.grade,
        "at": lost.at,
        "by": lost.by if named else None,
        "reason": lost.reason if named else None,
    }
    return _whose(actor, course) | {
        "id": one.pk,
        "assessment": one.check,
        "scale": one.scale,
        "observed_at": one.at,
        "grade": one.grade,
        "at_least": one.at_least,
        "lost": said,
    }


def _episode(actor: User, one: Episode, last: Standing | None) -> dict[str, Any]:
    infused_on = one.infused_on  # type: ignore[attr-defined]
    return (
        _whose(actor, one.course)
        | episode_json(one, infused_on)
        | {"last_grade": None if last is None else last.pk}
    )
