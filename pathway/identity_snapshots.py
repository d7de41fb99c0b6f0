"""What is recorded of a patient and a product that its labels must say, as one frozen picture."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Model, OuterRef, QuerySet, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce, JSONObject

from pathway.domain.companions import Attempt
from pathway.domain.identity_checks import COI, DOSES, NEEDED, NUMBERS, IdentityCheckRules
from pathway.domain.isbt128 import read_din
from pathway.domain.labels import coi_conflict, coi_refusal
from pathway.donation_numbers import refuse_shared
from pathway.models import ApheresisAttempt, Certificate, Order, Product
from patients.domain.numbers import Number, compared_with
from patients.models import Course, Identifier
from terms.refusals import Refusal

_COLUMNS = ("lot", "expires_on", "coi_id", "order_number")
_ASKED = ("_din", "_order_coi", "_numbers", *(f"_{name}" for name in DOSES))
_NUMBER = {name: name for name in ("system", "value", "on_labels")}


def with_labels(rows: "QuerySet[Any, Any]", product: str = "") -> "QuerySet[Any, Any]":
    """`rows` with what `recorded_of` needs of their product, which stands at the path `product`."""
    to = f"{product}__" if product else ""
    adequate = ApheresisAttempt.objects.filter(
        course=OuterRef(f"{to}course"), state=Attempt.ADEQUATE
    )
    orders = Order.objects.filter(product=OuterRef(f"{to}pk")).exclude(coi_id="").order_by("-pk")
    numbers = Identifier.objects.filter(patient=OuterRef(f"{to}course__patient")).order_by("pk")
    certificates = Certificate.objects.filter(product=OuterRef(f"{to}pk")).order_by("-pk")
    found: QuerySet[Any, Any] = rows.annotate(
        _din=Case(
            When(
                **{f"{to}collection": None},
                then=_text(Subquery(adequate.order_by("-number").values("din")[:1])),
            ),
            default=_text(Subquery(adequate.filter(pk=OuterRef(f"{to}collection")).values("din"))),
            output_field=TextField(),
        ),
        _order_coi=_text(Subquery(orders.values("coi_id")[:1])),
        _numbers=ArraySubquery(numbers.values(row=JSONObject(**_NUMBER))),
        **{f"_{name}": Subquery(certificates.values(name)[:1]) for name in DOSES},
    )
    return found


def columns_of(product: str = "") -> tuple[str, ...]:
    """The columns of `with_labels`, in the order in which `recorded_of` takes them."""
    to = f"{product}__" if product else ""
    return (*(f"{to}{name}" for name in _COLUMNS), *_ASKED)


def recorded_of(course: Course, values: tuple[Any, ...]) -> dict[str, str]:
    """The texts that labels must say, from the values of `columns_of`; empty where none is known.

    The chain-of-identity number is the product's, as two people read it, else that of the order;
    where they differ it is neither, so that no check of one of them still stands. The hospital
    number is empty too where nobody can tell which one it is. `numbers` is when a number was last
    found to be wrong: what was compared before does not stand.
    """
    lot, expires_on, coi_id, order_number, din, order_coi, numbers, *doses = values
    patient, corrected_at = course.patient, course.patient.numbers_corrected_at
    number = compared_with(Number(**one) for one in numbers)
    return {
        "family_name": patient.family_name,
        "given_name": patient.given_name,
        "birth_date": patient.birth_date.isoformat(),
        "hospital_id": number.value if number is not None else "",
        NUMBERS: corrected_at.isoformat() if corrected_at is not None else "",
        "din": read_din(din).din,
        "lot": lot,
        COI: f"{coi_id} / {order_coi}" if coi_conflict(coi_id, order_coi) else coi_id or order_coi,
        "expires_on": expires_on.isoformat() if isinstance(expires_on, date) else "",
        "order_number": order_number,
        **{
            name: f"{dose.normalize():f}" if dose is not None else ""
            for name, dose in zip(DOSES, doses, strict=True)
        },
    }


def labels_now(course: Course, product: Model) -> tuple[dict[str, str], list[Refusal]]:
    """What is recorded now, and what stands against comparing anything with it."""
    found = with_labels(Product.objects.filter(pk=product.pk)).values_list(*columns_of())
    values = found.get()
    recorded = recorded_of(course, values)
    return recorded, [*coi_refusal(values[2], values[5]), *refuse_shared(recorded["din"])]


def snapshot_of(course: Course, product: Product) -> dict[str, str]:
    """The texts to compare with; empty where nothing is recorded."""
    return labels_now(course, product)[0]


def missing_of(snapshot: Mapping[str, str], rules: IdentityCheckRules) -> tuple[str, ...]:
    """What two people cannot do without and is not recorded."""
    needed = (*NEEDED, COI) if rules.coi_needed.value else NEEDED
    return tuple(name for name in needed if not snapshot[name])


def _text(value: Subquery) -> Coalesce:
    return Coalesce(value, Value(""), output_field=TextField())
