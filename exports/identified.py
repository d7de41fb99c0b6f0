"""Who a course is about, beside its rows: only for files with names."""

from collections.abc import Iterable, Iterator

from exports.fields import leaves
from exports.fields.kinds import Level
from exports.tables import Row, columns
from patients.models import Course, Identifier

IDENTITY_COLUMNS = columns("family_name given_name birth_date identifiers", day="birth_date")
_FIELDS = ("family_name", "given_name", "birth_date")


def with_identity(rows: Iterator[Row], courses: Iterable[int]) -> Iterator[Row]:
    """Each row with name, birth date and numbers after its course."""
    known = identities(courses)
    for code, *rest in rows:
        yield (code, *known[str(code)], *rest)


def identities(courses: Iterable[int]) -> dict[str, Row]:
    """Name, birth date and numbers by the code of the course; two queries."""
    assert all(leaves("patients.patient", field, Level.IDENTIFIED) for field in _FIELDS)
    of = [f"patient__{field}" for field in _FIELDS]
    found = Course.objects.filter(pk__in=list(courses)).values_list("code", "patient_id", *of)
    people = list(found)
    numbers: dict[int, list[str]] = {}
    issued = Identifier.objects.filter(patient__in={patient for _code, patient, *_ in people})
    for patient, system, value in issued.order_by("pk").values_list("patient", "system", "value"):
        numbers.setdefault(patient, []).append(f"{system} {value}")
    return {code: (*who, "; ".join(numbers.get(patient, []))) for code, patient, *who in people}
