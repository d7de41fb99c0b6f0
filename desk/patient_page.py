"""A patient with every course: what was done before, and whether another may be opened."""

from dataclasses import dataclass
from datetime import date

from django.db.models import DateField, OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from accounts.wording import RefusalView, day_text, refusal_view
from desk.shapes import Action, Named
from exports.intention import ending_words
from pathway.further_course import refuse_further
from pathway.wording import stage_name
from patients.models import Anchor, Course, Death, Patient
from patients.models.courses import AnchorKind
from patients.survival import standing_death


@dataclass(frozen=True)
class CourseLine:
    """One course of the patient."""

    pk: int
    code: str
    product: str
    stage: str
    why: str
    referred_on: date
    infused_on: date | None
    ended_on: date | None


@dataclass(frozen=True)
class PatientPage:
    """The page; a reader of codes sees the courses and neither name nor numbers."""

    name: str
    pairs: tuple[Named, ...]
    infusions: int
    courses: tuple[CourseLine, ...]
    death: tuple[Named, ...]
    refusals: tuple[RefusalView, ...]
    actions: tuple[Action, ...]


def patient_page(user: User, patient: Patient) -> PatientPage:
    """Gather the page in five queries, however many courses there are."""
    courses = tuple(_line(course) for course in _courses(user, patient))
    named, may = user.may(Permission.SEE_IDENTITY), user.may(Permission.REFER)
    refusals = refuse_further(patient) if may else []
    actions = []
    if may and not refusals:
        actions.append(Action(_("New course"), reverse("course_new", args=[patient.pk])))
    if named:
        numbers = reverse("identifiers", args=[patient.pk])
        actions.append(Action(_("Numbers of the patient"), numbers))
    if user.may(Permission.EDIT_CHART):
        actions.append(Action(_("Edit the patient"), reverse("patient_edit", args=[patient.pk])))
    codes = " · ".join(course.code for course in courses)
    return PatientPage(
        name=f"{patient.family_name.upper()}, {patient.given_name}" if named else codes or "–",
        pairs=_pairs(patient) if named else (),
        infusions=sum(course.infused_on is not None for course in courses),
        courses=courses,
        death=_death(standing_death(patient), named=named),
        refusals=tuple(refusal_view(refusal) for refusal in refusals),
        actions=tuple(actions),
    )


def _courses(user: User, patient: Patient) -> "list[Course]":
    infused = Anchor.objects.filter(
        course=OuterRef("pk"), kind=AnchorKind.INFUSION, actual_on__isnull=False
    )
    seen = Course.objects.visible_to(user).filter(patient=patient)
    day = Subquery(infused.values("actual_on")[:1], output_field=DateField())
    return list(seen.select_related("journey", "protocol").annotate(infused_on=day).order_by("pk"))


def _line(course: Course) -> CourseLine:
    journey = course.journey
    return CourseLine(
        pk=course.pk,
        code=course.code,
        product=course.product,
        stage=stage_name(journey.stage),
        why=ending_words(course, journey),
        referred_on=course.referred_on,
        infused_on=vars(course)["infused_on"],
        ended_on=course.closed_on,
    )


def _pairs(patient: Patient) -> tuple[Named, ...]:
    numbers = patient.identifiers.order_by("pk").values_list("system", "value")
    return (
        Named(_("Born"), day_text(patient.birth_date)),
        Named(_("Sex"), str(patient.get_sex_display())),
        *(Named(system, value) for system, value in numbers),
    )


def _death(death: Death | None, *, named: bool) -> tuple[Named, ...]:
    if death is None:
        return ()
    words = (Named(_("Cause in words"), death.cause), Named(_("Place in words"), death.place))
    return (
        Named(_("Date of death"), day_text(death.died_on)),
        Named(_("Category of the cause"), str(death.get_category_display())),
        Named(_("Where"), str(death.get_setting_display())),
        Named(_("Autopsy"), str(death.get_autopsy_display())),
        *(pair for pair in words if named and pair.value),
    )
