"""The page on which a clinician says what a grade is."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import require
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from accounts.wording import param_in_words
from patients.form_pages import FormPage, Moment, answer, posted
from patients.identity import Named
from patients.models import Course
from patients.selectors import course_or_404
from terms.refusals import Overtaken
from toxicity.bedside.grade_shown import GradeShown
from toxicity.bedside.review_forms import ReviewForm
from toxicity.bedside.signs_shown import check_facts
from toxicity.bedside.standing import episode_open, grades_of, standing_or_404
from toxicity.bedside.views import form_page
from toxicity.checks import Review
from toxicity.domain.scales import SCALE_NAMES, VERDICT_NAMES
from toxicity.reviewing import review_grade


@login_required
@form_page
def check_review(request: SignedInRequest, pk: int, check: int, scale: str) -> HttpResponse:
    """Confirm a grade, give another one, or another cause."""
    course = course_or_404(request.user, pk)
    require(request.user, Permission.REVIEW_GRADES)
    row = standing_or_404(request.user, course, check)
    grade = next((one for one in grades_of(row) if one.scale == scale), None)
    if grade is None:
        raise Http404
    moment = Moment.at(course)
    read = {"of": grade.pk, "answers": grade.review.pk if grade.review else None}
    form = ReviewForm(posted(request), initial=read)

    def save(given: Mapping[str, Any]) -> None:
        try:
            review_grade(
                grade_id=given["of"] or grade.pk,
                verdict=given["verdict"],
                grade=given["grade"],
                reason=given["reason"],
                answers=given["answers"],
                actor=request.user,
                now=moment.now,
            )
        except Overtaken as overtaken:
            form.now_read(overtaken.standing["id"])
            raise

    page = FormPage(
        course,
        _("Review of a grade: %(scale)s") % {"scale": _(SCALE_NAMES[scale])},
        Permission.REVIEW_GRADES,
        lead=_ending(course, grade),
        facts=(*_facts(grade), *check_facts(request.user, row)),
        after=reverse("check", args=[pk, check]),
    )
    return answer(request, page, form, save, moment)


def _facts(grade: GradeShown) -> Iterator[Named]:
    yield Named(_("Found"), grade.sentence)
    yield Named(_("How firm"), grade.status or _("Picked at the bedside."))
    if grade.review is not None:
        yield Named(_("Said so far"), _in_words(grade.review))
    if grade.lost is not None:
        yield Named(_("Said before a correction"), _in_words(grade.lost))


def _in_words(said: Review) -> str:
    """`Another grade, 3: rigors (Dr Rossi, 12-Nov-2026 10:00)`."""
    what = f"{_(VERDICT_NAMES[said.verdict])}, {said.grade}"
    why = f": {said.reason}" if said.reason else ""
    return f"{what}{why} ({said.by}, {param_in_words(said.at)})"


def _ending(course: Course, grade: GradeShown) -> str:
    """What confirming the grade would mean for an episode that is open."""
    said = _("What was found is kept beside your word.")
    if grade.grade != 0 or not episode_open(course, grade.scale):
        return said
    return _("An episode is open: to confirm grade 0 says that it is over.") + " " + said
