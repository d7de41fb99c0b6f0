"""Who a page is about: the identity banner's values, with names or only the code."""

from dataclasses import dataclass, replace
from datetime import date

from django.urls import reverse

from accounts.models import User
from accounts.permissions import Permission
from patients.models import Course
from patients.models.courses import AnchorKind
from patients.selectors import person_label
from patients.survival import standing_death
from terms.day_numbers import day_number, whole_years_between


@dataclass(frozen=True)
class TypedNumber:
    """A number of the patient under the name of its issuer."""

    label: str
    value: str


@dataclass(frozen=True)
class Identity:
    """The values of templates/components/identity_banner.html.

    `coded` viewers get code, product and dates only. `age` is in completed years, at death for
    the deceased; `day` is today's day number (infusion = 0), None before the infusion.
    """

    name: str
    code: str
    url: str
    coded: bool
    product: str
    infused_on: date | None
    day: int | None
    died_on: date | None
    born: date | None = None
    age: int | None = None
    sex: str = ""
    identifiers: tuple[TypedNumber, ...] = ()

    @property
    def dead(self) -> bool:
        """Whether a death is recorded."""
        return self.died_on is not None


def identity_view(user: User, course: Course, today: date) -> Identity:
    """Who `course` is about, as `user` may see it; at most three queries."""
    patient, death = course.patient, standing_death(course.patient)
    infusion = course.anchors.filter(kind=AnchorKind.INFUSION, actual_on__isnull=False).first()
    infused_on = infusion.actual_on if infusion is not None else None
    died_on = death.died_on if death is not None else None
    coded = not user.may(Permission.SEE_IDENTITY)
    shared = Identity(
        name=person_label(user, patient, course),
        code=course.code,
        url=reverse("course", kwargs={"pk": course.pk}),
        coded=coded,
        product=course.product,
        infused_on=infused_on,
        day=day_number(today, infused_on) if infused_on is not None else None,
        died_on=died_on,
    )
    if coded:
        return shared
    return replace(
        shared,
        born=patient.birth_date,
        age=whole_years_between(patient.birth_date, died_on or today),
        sex=patient.get_sex_display(),
        identifiers=tuple(
            TypedNumber(label=number.system, value=number.value)
            for number in patient.identifiers.order_by("pk")
        ),
    )
