"""Refusals, roles and dates in the reader's language, for pages, forms and the API."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.forms import BaseForm
from django.utils import timezone
from django.utils.dates import MONTHS_3
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from terms.partial_dates import PartialDate
from terms.refusals import Refusal, Refused, joint
from terms.roles import ROLE_NAMES
from terms.words import Bilingual

Text = str | Promise


@dataclass(frozen=True)
class RefusalView:
    """A refusal in the reader's language. `who_may` are role names; empty means nobody."""

    text: Text
    kind: str = "hard"
    who_may: tuple[Text, ...] = ()
    code: str = ""


def refusal_view(refusal: Refusal) -> RefusalView:
    """A refusal as the page's list of reasons shows it."""
    return RefusalView(
        text=in_words(refusal),
        kind=refusal.kind.value,
        who_may=role_names(refusal.who_may),
        code=refusal.code,
    )


def in_words(refusal: Refusal) -> str:
    """The refusal's sentence in the active language."""
    text = _(refusal.message)
    if not refusal.params:
        return text
    return text % {name: param_in_words(value) for name, value in refusal.params.items()}


def in_both(refusal: Refusal) -> Bilingual:
    """The refusal's sentence in both languages, to be kept: what fills it may change."""
    words = []
    for language in ("en", "it"):
        with override(language):
            words.append(in_words(refusal))
    return Bilingual(*words)


def param_in_words(value: object) -> object:
    """What fills a place: dates and decimals as people read them, words in their language."""
    if isinstance(value, datetime):
        local = timezone.localtime(value)
        return f"{day_text(local.date())} {local:%H:%M}"
    if isinstance(value, date):
        return day_text(value)
    if isinstance(value, Decimal):
        return number_format(value, use_l10n=True, force_grouping=False)
    if isinstance(value, Bilingual):
        return value.in_language(get_language() or "en")
    if isinstance(value, tuple | list):
        return joint(value).join(str(param_in_words(item)) for item in value)
    if isinstance(value, Refusal):
        return in_words(value)
    return _(value) if isinstance(value, str) and value else value


def month_name(number: int) -> str:
    """Three letters, as each language writes them: capital in English, small in Italian."""
    name = str(MONTHS_3[number])
    return name.title() if (get_language() or "en").startswith("en") else name


def day_text(on: date) -> str:
    """`12-Nov-2026`, in Italian `12-nov-2026`."""
    return f"{on.day:02d}-{month_name(on.month)}-{on.year:04d}"


def partial_text(on: PartialDate) -> str:
    """`2021`, `Mar-2022` or `14-Mar-2022`, as far as the date is known."""
    if on.month is None:
        return f"{on.year:04d}"
    if on.day is None:
        return f"{month_name(on.month)}-{on.year:04d}"
    return day_text(date(on.year, on.month, on.day))


def role_names(codes: Iterable[str]) -> tuple[str, ...]:
    """The names of roles in the active language, in the order given."""
    return tuple(_(ROLE_NAMES[code]) for code in codes)


def add_refusals(form: BaseForm, refused: Refused) -> None:
    """Show each refusal at its field, or above the form when it is of no single field."""
    for refusal in refused.refusals:
        field = refusal.field if refusal.field in form.fields else None
        form.add_error(field, in_words(refusal))
