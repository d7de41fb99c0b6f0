"""Who a page is about, as the identity banner shows it; coded viewers get no name."""

from dataclasses import dataclass, replace
from datetime import date

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.functional import Promise

from accounts.models import User
from accounts.permissions import Permission
from audit.prepared import Prepared
from patients.models import Allergy, Course, Identifier, Patient
from patients.models.courses import AnchorKind
from patients.numbers_shown import issuer_text
from patients.survival import standing_death
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
    language: str = ""  # of the value, where it is not the page's own


@dataclass(frozen=True)
class IdentityView:
    """Who and which course a page is about.

    `coded` viewers get code, product and dates only: name, birth date, sex and identifiers stay
    empty and the template does not show their labels either. `day` is today's day number
    (infusion = 0). `age` is in completed years, at death for the deceased.
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
    # What the patient is allergic to. Empty with `no_allergies` says that none is known, without
    # it that nobody recorded anything.
    allergies: tuple[str, ...] = ()
    no_allergies: bool = False

    @property
    def name(self) -> str:
        """`FAMILY, Given`; the course code for coded viewers."""
        return self.code if self.coded else f"{self.family.upper()}, {self.given}"


def identity_view(user: User, course: Course, today: date) -> IdentityView:
    """Who `course` is about, as `user` may see it; at most three queries."""
    death = standing_death(course.patient)
    infusion = course.anchors.filter(kind=AnchorKind.INFUSION, actual_on__isnull=False).first()
    return identity_of(
        user,
        course,
        today=today,
        infused_on=infusion.actual_on if infusion is not None else None,
        died_on=death.died_on if death is not None else None,
    )


def identity_of(
    user: User, course: Course, *, today: date, infused_on: date | None, died_on: date | None
) -> IdentityView:
    """The same where day 0 and death are known already; at most one query.

    `today` is a local date of the centre.
    """
    shared = IdentityView(
        code=course.code,
        url=reverse("course", args=[course.pk]),
        coded=True,
        product=course.product,
        infused_on=infused_on,
        day=day_number(today, infused_on) if infused_on is not None and died_on is None else None,
        died_on=died_on,
        dead=died_on is not None,
    )
    if not user.may(Permission.SEE_IDENTITY):
        return shared
    patient = course.patient
    numbers, substances, none_known = _numbers_and_allergies(patient)
    return replace(
        shared,
        coded=False,
        family=patient.family_name,
        given=patient.given_name,
        born=patient.birth_date,
        age=whole_years_between(patient.birth_date, died_on or today),
        sex=patient.get_sex_display(),
        identifiers=tuple(Named(issuer_text(system), value) for system, value in numbers),
        allergies=substances,
        no_allergies=none_known and not substances,
    )


def allergies_of(patient: Patient) -> tuple[tuple[str, ...], bool]:
    """What a patient is allergic to, from every course; and whether somebody said: to nothing."""
    _numbers, substances, none_known = _numbers_and_allergies(patient)
    return substances, none_known


def _numbers_and_allergies(
    patient: Patient,
) -> tuple[list[tuple[str, str]], tuple[str, ...], bool]:
    """Both in one query: the banner stands on every page."""
    found = _NUMBERS_AND_ALLERGIES.one(patient.pk)
    named = [row["substance"] for row in found[1] if not row["none"]]
    return (
        [(row["system"], row["value"]) for row in found[0]],
        tuple(dict.fromkeys(named)),
        any(row["none"] for row in found[1]),
    )


_NUMBERS_AND_ALLERGIES = Prepared(
    lambda patient: Patient.objects.filter(pk=patient).values_list(
        ArraySubquery(
            Identifier.objects.filter(patient=OuterRef("pk"))
            .order_by("pk")
            .values(row=JSONObject(system="system", value="value"))
        ),
        ArraySubquery(
            Allergy.objects.filter(course__patient=OuterRef("pk"), refuted_on=None)
            .order_by("pk")
            .values(row=JSONObject(substance="substance", none="none_known"))
        ),
    )
)
