"""What was seen last of each sign, beside its field, with how long ago."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from patients.models import Course
from toxicity.bedside.check_reading import typed_of
from toxicity.bedside.fields import NOT_KNOWN
from toxicity.domain.icans import ice_score
from toxicity.models import Assessment
from toxicity.seen import seen_of
from toxicity.wording.numbers import number_text

_LOOKED_BACK = 12  # checks


def last_checks(course: Course, now: datetime) -> list[Assessment]:
    """The latest checks that stand, the newest first."""
    rows = Assessment.objects.filter(course=course, observed_at__lte=now).standing()
    return list(rows.latest_first()[:_LOOKED_BACK])


def show_last(form: forms.Form, checks: Iterable[Assessment], now: datetime) -> None:
    """Say at each field of `form` what was last seen; ticks and remarks have nothing to compare."""
    left = {name for name in form.fields if not isinstance(form.fields[name], forms.BooleanField)}
    for check in checks:
        for name, value in _values(check).items():
            if name in left:
                left.discard(name)
                said = {
                    "value": value_in_words(form.fields[name], name, value),
                    "ago": ago(now - check.observed_at),
                }
                add_help(form, name, _("Last %(value)s, %(ago)s") % said)


def show_carried(form: forms.Form, names: Iterable[str], at: str) -> None:
    """Mark the values that were carried over from an earlier check."""
    for name in names:
        if name in form.fields:
            add_help(form, name, _("↺ Carried over from %(at)s: is it still so?") % {"at": at})


def ago(span: Any) -> str:
    """`35 min ago`, `4 h ago`, `3 d ago`."""
    minutes = int(span.total_seconds()) // 60
    if minutes < 60:
        return _("%(count)s min ago") % {"count": minutes}
    if minutes < 48 * 60:
        return _("%(count)s h ago") % {"count": minutes // 60}
    return _("%(count)s d ago") % {"count": minutes // (24 * 60)}


def _values(check: Assessment) -> Mapping[str, Any]:
    seen = seen_of(check)
    found = typed_of(seen.crs, seen.icans)
    bounds = None if seen.icans is None else ice_score(seen.icans)
    if bounds is not None:
        found["ice_total"] = "–".join(str(one) for one in dict.fromkeys(bounds))
    picked = {f"{scale}_grade": grade for scale, grade in seen.chosen.items()}
    return found | {n: NOT_KNOWN if grade is None else str(grade) for n, grade in picked.items()}


def value_in_words(field: forms.Field, name: str, value: Any) -> str:
    """What a field would say, as its choices name it, with its unit."""
    if value is True:
        return _("Yes")
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        words = {str(code): str(word) for code, word in choices}
        several = value if isinstance(value, list) else [value]
        return ", ".join(words.get(str(one), str(one)) for one in several)
    text = value if isinstance(value, str) else number_text(value, 1 if name == "temp_c" else 0)
    return f"{text} {field.widget.attrs.get('data-unit', '')}".strip()


def add_help(form: forms.Form, name: str, text: str) -> None:
    """Say something more beside a field."""
    field = form.fields[name]
    field.help_text = f"{field.help_text} {text}".strip()
