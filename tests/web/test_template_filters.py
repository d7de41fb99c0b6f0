"""The filters that write dates, day numbers, counts, decimals and refusals in both languages."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation

from config.templatetags import percorso
from terms.partial_dates import PartialDate
from terms.refusals import Kind, Refusal

IT, EN = "it", "en"


@pytest.mark.parametrize(
    ("language", "on", "text"),
    [
        (EN, date(2026, 11, 12), "12-Nov-2026"),
        (IT, date(2026, 11, 12), "12-nov-2026"),
        (EN, date(2026, 1, 4), "04-Jan-2026"),
        (IT, date(2026, 1, 4), "04-gen-2026"),
        (IT, date(2026, 8, 31), "31-ago-2026"),
        (EN, None, ""),
    ],
)
def test_day_is_written_with_its_month_in_letters(
    language: str, on: date | None, text: str
) -> None:
    with translation.override(language):
        assert percorso.day(on) == text


def test_all_months_have_three_letters_in_both_languages() -> None:
    for language in (EN, IT):
        with translation.override(language):
            months = {percorso.day(date(2026, month, 1))[3:6] for month in range(1, 13)}
            assert len(months) == 12
            assert all(month.isalpha() and len(month) == 3 for month in months)


def test_moment_is_local_with_24_hours() -> None:
    summer = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    with translation.override(EN):
        assert percorso.moment(summer) == "02-Jul-2026 00:30"
        assert percorso.day(summer) == "02-Jul-2026"


def test_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        percorso.moment(datetime(2026, 7, 1, 22, 30))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (PartialDate(2021), "2021"),
        (PartialDate(2022, 3), "mar-2022"),
        (PartialDate(2022, 3, 14), "14-mar-2022"),
        (date(2022, 3, 14), "14-mar-2022"),
        (None, ""),
    ],
)
def test_partial_date_says_no_more_than_is_known(
    value: PartialDate | date | None, text: str
) -> None:
    with translation.override(IT):
        assert percorso.partial_date(value) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(5, "Day +5"), (0, "Day 0"), (-3, "Day \u22123"), (None, "")],
)
def test_day_number_carries_its_sign(number: int | None, text: str) -> None:
    with translation.override(EN):
        assert percorso.day_number(number) == text


@pytest.mark.parametrize(
    ("number", "long", "short"),
    [(1, "1 day", "1 d"), (0, "0 days", "0 d"), (12, "12 days", "12 d"), (None, "", "")],
)
def test_days_are_counted_with_the_right_plural(number: int | None, long: str, short: str) -> None:
    with translation.override(EN):
        assert percorso.days_count(number) == long
        assert percorso.days_short(number) == short


@pytest.mark.parametrize(
    ("language", "value", "places", "text"),
    [
        (EN, Decimal("38.600"), None, "38.6"),
        (IT, Decimal("38.600"), None, "38,6"),
        (IT, Decimal("38.6"), 2, "38,60"),
        (EN, Decimal("5.0"), None, "5"),
        (EN, Decimal(100), None, "100"),
        (IT, 12345, None, "12345"),
        (IT, -0.5, None, "\u22120,5"),
        (EN, Decimal(0), None, "0"),
        (EN, None, None, ""),
    ],
)
def test_decimal_follows_the_language_without_grouping(
    language: str, value: Decimal | float | None, places: int | None, text: str
) -> None:
    with translation.override(language):
        assert percorso.decimal(value, places) == text


def test_refusal_of_a_service_is_shown_with_its_kind_and_who_may() -> None:
    refusal = Refusal(
        code="x",
        message="Wait %(days)s days.",
        params={"days": 7},
        kind=Kind.SOFT,
        who_may=("haematologist",),
    )
    template = Template('{% include "components/refusals.html" with refusals=refusals only %}')
    with translation.override(EN):
        html = template.render(Context({"refusals": [refusal, percorso.in_words(refusal)]}))
    assert html.count("Wait 7 days.") == 2
    assert html.count("Needs a reason") == 2
    assert html.count("Haematologist") == 2
