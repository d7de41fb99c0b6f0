"""Fields that read what people type: one full date, numbers of JSON, yes or no."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from patients.fields import DayField, MomentField, NumberField, YesNoField


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


ROME = ZoneInfo("Europe/Rome")


@pytest.mark.parametrize(
    ("typed", "utc"),
    [
        ("12-Nov-2026 9:30", "2026-11-12T08:30"),
        ("2026-03-29T12:00", "2026-03-29T10:00"),
        ("25-Oct-2026 02:30", "2026-10-25T00:30"),  # comes twice: the first is meant
    ],
)
def test_moment_is_read_in_the_zone_of_the_centre(typed: str, utc: str) -> None:
    read = MomentField(label="At", zone=ROME).clean(typed)
    assert read.astimezone(UTC) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("28-Mar-2027 02:30", "no_such_time"),  # the clocks go from 02:00 to 03:00
        ("12-Nov-2026 09:30+05:00", "offset"),
        ("2026-11-12T09:30Z", "offset"),
        ("12-Nov-2026 9", "time_needed"),
        ("12-Nov-2026", "time_needed"),
    ],
)
def test_moment_that_does_not_exist_or_brings_its_own_zone_is_refused(
    typed: str, code: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        MomentField(label="At", zone=ROME).clean(typed)
    assert caught.value.code == code
