"""Who a page is about, as the identity banner shows it; coded viewers get no name."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.functional import Promise

from accounts.models import User
from accounts.permissions import Permission
from patients.models import Course
from patients.models.people import Sex
from terms.day_numbers import day_number, whole_years_between
from terms.partial_dates import PartialDate

Text = str | Promise


@dataclass(frozen=True)
class Named:
    """A label and its value: an identifier of the patient, a line of a key-value list.

    An empty value is shown as "Not known", never as a blank.
    """

    label: Text
    value: Text = ""


@dataclass(frozen=True)
class IdentityView:
    """Who and which course a page is about.

    `coded` viewers get code, product and dates only: the presenter leaves name, birth date, sex
    and identifiers empty, the template does not show their labels either. `day` is today's day
    number (infusion = 0). `age` is in completed years, at death for the deceased.
    """

    code: str
    url: str = ""
    coded: bool = False
    family: str = ""
    given: str = ""
    born: PartialDate | date | None = None
    age: int | None = None
    sex: Text = ""
    identifiers: tuple[Named, ...] = ()
    product: Text = ""
    infused_on: date | None = None
    day: int | None = None
    died_on: PartialDate | date | None = None
    dead: bool = False

    @property
    def name(self) -> str:
        """`FAMILY, Given`; the course code for coded viewers."""
        return self.code if self.coded else f"{self.family.upper()}, {self.given}"


def identity_view(
    user: User,
    course: Course,
    *,
    today: date,
    infused_on: date | None = None,
    died_on: date | None = None,
    identifiers: tuple[Named, ...] | None = None,
) -> IdentityView:
    """The banner of a course for `user`; `today` is a local date of the centre.

    Without `identifiers` they are read, in one query, when the user may see them.
    """
    day = day_number(today, infused_on) if infused_on is not None and died_on is None else None
    url = reverse("course", args=[course.pk])
    if not user.may(Permission.SEE_IDENTITY):
        return IdentityView(
            code=course.code,
            url=url,
            coded=True,
            product=course.product,
            infused_on=infused_on,
            day=day,
            dead=died_on is not None,
            died_on=died_on,
        )
    patient = course.patient
    if identifiers is None:
        numbers = patient.identifiers.order_by("id").values_list("system", "value")
        identifiers = tuple(Named(system, value) for system, value in numbers)
    return IdentityView(
        code=course.code,
        url=url,
        family=patient.family_name,
        given=patient.given_name,
        born=patient.birth_date,
        age=whole_years_between(patient.birth_date, died_on or today),
        sex=Sex(patient.sex).label,
        identifiers=identifiers,
        product=course.product,
        infused_on=infused_on,
        day=day,
        died_on=died_on,
        dead=died_on is not None,
    )
