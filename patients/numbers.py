"""Numbers of patients as a centre keeps them: which are free, and what the search box finds."""

from collections.abc import Iterable

from accounts.models import Centre, User
from patients.domain.likeness import plain_words
from patients.domain.numbers import Number
from patients.models import Course, Patient
from terms.refusals import Refusal
from terms.words import N_

Pair = tuple[str, str]


def lock_registry(actor: User) -> Centre:
    """One registration at a time per centre: two at once could not see each other's numbers."""
    return Centre.objects.select_for_update(no_key=True).get(pk=actor.working_centre_id or 0)


def numbers_of(patient: Patient) -> list[Number]:
    """The numbers of a patient that stand, in the order in which they were entered."""
    found = patient.identifiers.order_by("pk").values_list("system", "value", "on_labels")
    return [Number(*one) for one in found]


def search_text(patient: Patient, numbers: Iterable[Pair]) -> str:
    """The bare words of name, birth date and numbers."""
    born = patient.birth_date
    words = [patient.family_name, patient.given_name, born.isoformat(), f"{born:%d/%m/%Y}"]
    return plain_words(" ".join([*words, *(value for _, value in numbers)]))


def refuse_numbers(centre: Centre, numbers: tuple[Pair, ...]) -> list[Refusal]:
    """Everything against a patient having `numbers`: none, blank, twice, or another's."""
    if not numbers:
        return [
            refusal_of("identifier_missing", N_("At least one number is needed."), "identifiers")
        ]
    refusals = []
    for system, value in numbers:
        if not system or not value:
            refusals.append(
                refusal_of(
                    "identifier_blank", N_("A number and its issuer are needed."), "identifiers"
                )
            )
        elif numbers.count((system, value)) > 1:
            refusals.append(
                refusal_of(
                    "identifier_twice",
                    N_("%(number)s is there twice."),
                    "identifiers",
                    number=value,
                )
            )
        else:
            refusals += _refuse_taken(centre, system, value)
    return refusals


def _refuse_taken(centre: Centre, system: str, value: str) -> list[Refusal]:
    holder = Patient.objects.filter(
        identifiers__centre=centre,
        identifiers__system=system,
        identifiers__value=value,
        identifiers__released=False,
        identifiers__in_error=False,
    ).first()
    if holder is None:
        return []
    return [
        refusal_of(
            "identifier_taken",
            N_("Another patient has the number %(number)s (%(courses)s)."),
            "identifiers",
            number=value,
            courses=codes_of([holder]),
        )
    ]


def codes_of(patients: list[Patient]) -> str:
    """The codes of the courses of `patients`, to name somebody without a name."""
    codes = Course.objects.filter(patient__in=patients, error_cause="").order_by("code")
    return ", ".join(codes.values_list("code", flat=True)) or "–"


def refusal_of(code: str, message: str, field: str, **params: object) -> Refusal:
    """A hard refusal of one field."""
    return Refusal(code=code, message=message, params=params, field=field)
