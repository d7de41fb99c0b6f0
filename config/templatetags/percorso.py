"""Template filters: dates, day numbers, counts, decimals, refusals; one way for all pages."""

from datetime import date, datetime
from decimal import Decimal
from functools import cache

from django import template
from django.forms import BaseForm
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext

from accounts.wording import RefusalView, day_text, partial_text, refusal_view
from pathway import scanning
from patients.numbers_shown import issuer_text
from terms.partial_dates import PartialDate
from terms.refusals import Refusal

register = template.Library()

MINUS = "\u2212"  # a hyphen is lost at the end of a line and read aloud as nothing


def _signed(number: int) -> str:
    if number == 0:
        return "0"
    return f"+{number}" if number > 0 else f"{MINUS}{-number}"


@register.filter
def day(value: date | datetime | None) -> str:
    """`12-Nov-2026`, in Italian `12-nov-2026`; a moment gives its day in the current time zone.

    None gives an empty text: the page says with a word what an absence means there.
    """
    if not value:
        return ""
    return day_text(timezone.localtime(value).date() if isinstance(value, datetime) else value)


@register.filter
def moment(value: datetime | None) -> str:
    """`12-Nov-2026 14:05` in the current time zone. Raises ValueError for a naive moment."""
    if not value:
        return ""
    local = timezone.localtime(value)
    return f"{day_text(local.date())} {local:%H:%M}"


@register.filter
def partial_date(value: PartialDate | date | None) -> str:
    """`2021`, `Mar-2022` or `14-Mar-2022`, as far as the date is known."""
    if not value:
        return ""
    if not isinstance(value, PartialDate):
        return day(value)
    return partial_text(value)


@register.filter
def day_number(value: int | None) -> str:
    """`Day +5`, `Day 0`, `Day −3`; in Italian `G+5`. The infusion is day 0."""
    if value is None:
        return ""
    return gettext("Day %(number)s") % {"number": _signed(value)}


@register.filter
def days_count(value: int | None) -> str:
    """`1 day`, `12 days`."""
    if value is None:
        return ""
    return ngettext("%(count)s day", "%(count)s days", abs(value)) % {"count": _count(value)}


@register.filter
def days_short(value: int | None) -> str:
    """`12 d`, in Italian `12 g`, for cards and boxes where the word has no room."""
    if value is None:
        return ""
    return gettext("%(count)s d") % {"count": _count(value)}


def _count(number: int) -> str:
    return str(number) if number >= 0 else f"{MINUS}{-number}"


@register.filter
def decimal(value: Decimal | int | float | None, places: int | None = None) -> str:
    """The number with the language's decimal mark, no grouping, no trailing zeros.

    `places` fixes the number of decimals instead: `38.6|decimal:1`.
    """
    if value is None:
        return ""
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if places is None:
        text = f"{number:f}"
        number = Decimal(text.rstrip("0").rstrip(".") if "." in text else text)
    text = number_format(number, decimal_pos=places, use_l10n=True, force_grouping=False)
    return text.replace("-", MINUS, 1) if text.startswith("-") else text


@register.filter
def in_words(value: Refusal | RefusalView) -> RefusalView:
    """A refusal in the reader's language, whether a service or a presenter hands it over."""
    return value if isinstance(value, RefusalView) else refusal_view(value)


@register.simple_tag
@cache  # a page of cards asks for the same few icons a hundred times
def icon(name: str) -> str:
    """A decorative icon by its name in static/img/icons.svg; the word beside it says the thing."""
    return format_html(
        '<svg class="icon icon--{0}" aria-hidden="true" focusable="false">'
        '<use href="{1}#{0}"></use></svg>',
        name,
        static("img/icons.svg"),
    )


@register.filter
def issuer(value: str) -> str:
    """Who issued a number, the hospital itself in the language of the page."""
    return issuer_text(value)


@register.filter
def scans(form: BaseForm | None) -> bool:
    """Whether a form has a field for the scanner, whose Enter must not send it."""
    return form is not None and scanning.scans(form)
