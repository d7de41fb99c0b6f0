"""Fields that read what people type: one full date, numbers of JSON, yes or no."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from patients.fields import DayField, NumberField, YesNoField


@pytest.mark.parametrize(
    "typed", ["2026-11-12", "12/11/2026", "12-Nov-2026", "12-nov-2026", date(2026, 11, 12)]
)
def test_full_date_is_read_as_typed(typed: object) -> None:
    assert DayField(label="On").clean(typed) == date(2026, 11, 12)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("2026-11", "day_needed"),
        ("2026", "day_needed"),
        ("31/02/2026", "no_such_day"),
        ("soon", "not_a_date"),
        ("", "required"),
    ],
)
def test_date_that_is_none_or_not_full_is_refused(typed: str, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        DayField(label="On").clean(typed)
    assert caught.value.code == code


def test_date_that_need_not_be_given_stays_unknown() -> None:
    assert DayField(label="On", required=False).clean("") is None


@pytest.mark.parametrize(
    ("typed", "read"), [("0,5", "0.5"), (1.234, "1.234"), (3, "3"), (Decimal("2.50"), "2.50")]
)
def test_number_is_read_as_typed_and_one_of_json_is_never_ambiguous(
    typed: object, read: str
) -> None:
    assert NumberField(label="Value").clean(typed) == Decimal(read)


def test_number_that_need_not_be_given_stays_unknown() -> None:
    assert NumberField(label="Value", required=False).clean(" ") is None


@pytest.mark.parametrize("answer", ["maybe", "1", 7])
def test_answer_other_than_yes_or_no_is_refused(answer: object) -> None:
    with pytest.raises(ValidationError):
        YesNoField(label="Involved").clean(answer)
