"""The walk through ICE: a question per screen, nothing stored, what was typed before carried on."""

from collections.abc import Iterator

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import require
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from patients.form_pages import Moment
from patients.identity import identity_view
from patients.models import Course
from patients.selectors import course_or_404
from toxicity.bedside.fields import words_of
from toxicity.bedside.signs_fields import FIELDS_OF, ICE_FIELDS
from toxicity.bedside.standing import handwriting_of
from toxicity.bedside.views import form_page, number_of
from toxicity.domain.icans import ICE_MOST
from toxicity.domain.ice_script import LANGUAGES, QUESTIONS, Asked

_ICE = frozenset({*ICE_FIELDS, "ice_total", "ice_not_done_reason"})
# What a form may have said before: nothing else is carried through the questions.
_FORM = (
    frozenset(
        {"key", "baseline", "corrects", "observed_at", "remark", "reason", "handwriting"}
        | {"crs_grade", "icans_grade"}
        | {name for names in FIELDS_OF.values() for name in names}
    )
    - _ICE
)


@login_required
@form_page
def check_ice(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask one question after another, in the language of the patient."""
    course = course_or_404(request.user, pk)
    require(request.user, Permission.LOG_TOXICITY)
    data = request.POST
    spoken = data.get("spoken", "")
    asked = Asked.of({one.code: data.get(f"said_{one.code}", "") for one in QUESTIONS})
    if "back" in data:
        asked = asked.back()
    context = {
        "course": course,
        "identity": identity_view(request.user, course, Moment.at(course).today),
        "languages": LANGUAGES.items(),
        "spoken": spoken if spoken in LANGUAGES else "",
        "asked": [(code, "1" if right else "0") for code, right in asked.answers.items()],
        "number": len(asked.answers) + 1,
        "of": len(QUESTIONS),
        "carried": list(_carried(data)),
        "form_url": _form_url(course, data.get("corrects", "")),
        "reasons": words_of("ice_not_done_reason"),
        # Given up on the way, what was answered stands: a wrong answer is known.
        "answered": []
        if asked.next is None
        else [(f"ice_{name}", score) for name, score in asked.whole_items.items()],
    }
    question = asked.next
    if question is not None:
        context |= {
            "question": question,
            "say": question.say.in_language(spoken),
            "label": _(question.label),
            "note": _(question.note) if question.note else "",
            "handwriting": handwriting_of(course) if question.code == "sentence" else None,
        }
    else:
        context |= {
            "score": f"{sum(asked.items.values())}/{ICE_MOST}",
            "items": [(f"ice_{name}", score) for name, score in asked.items.items()],
            "lost": [_(one.label) for one in asked.lost],
        }
    return render(request, "toxicity/ice.html", context)


def _carried(data: QueryDict) -> Iterator[tuple[str, str]]:
    for name in data:
        if name in _FORM:
            yield from ((name, value) for value in data.getlist(name))


def _form_url(course: Course, corrects: str) -> str:
    """The form to go back to: that of a new check, or of the correction one came from."""
    check = number_of(corrects)
    if check is None:
        return reverse("check_new", args=[course.pk])
    return reverse("check_correct", args=[course.pk, check])
