"""What the grades of a series of counts rest on, in words: days counted, lowest values, windows."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.wording import day_text
from terms.words import N_
from toxicity.domain.b_cell_aplasia import Aplasia
from toxicity.domain.grading import Grading, Status
from toxicity.domain.icaht import Counted, EarlyIcaht
from toxicity.wording.numbers import number_text

_WINDOW = {
    Status.FINAL: N_("Final: the window is over and all of it is known."),
    Status.PROVISIONAL: N_(
        "Provisional: the window is not over, or part of it is not known or not confirmed."
    ),
    Status.NOT_GRADEABLE: N_("Not gradeable: too little is known. This is not grade 0."),
}


def window_words(grading: Grading) -> str:
    """How firm a grade of a window is, as a sentence."""
    return _(_WINDOW[grading.status])


def days_words(days: int) -> str:
    """`1 day`, `12 days`."""
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}


def early_icaht_words(found: EarlyIcaht) -> Iterator[str]:
    """Both ways of counting; the grade is that of the longest run."""
    if found.grading.grade is None:
        return
    if any(driver.code == "never_recovered" for driver in found.grading.drivers):
        yield _("low from day 3 or before, and not recovered to the end → 4")
    yield _("longest run %(counted)s") % {"counted": _counted(found.longest)}
    yield _("all low days together %(counted)s; a report uses one way, never both") % {
        "counted": _counted(found.cumulative)
    }


def _counted(counted: Counted) -> str:
    return _("at or below 500: %(low)s, at or below 100: %(deep)s → %(grade)s") % {
        "low": days_words(counted.days_500),
        "deep": days_words(counted.days_100),
        "grade": counted.grade,
    }


def late_icaht_words(grading: Grading, values: Sequence[Fraction]) -> Iterator[str]:
    """The lowest value of the window, and the second that bears it out or does not."""
    if not values:
        return
    said = {"lowest": _count(values[0]), "grade": grading.grade}
    if len(values) == 1:
        yield _("only value %(lowest)s → %(grade)s") % said
        return
    said["second"] = _count(values[1])
    if not grading.grade and values[1] > 1500 >= values[0]:
        yield _("lowest %(lowest)s, second-lowest %(second)s above 1500: transient → 0") % said
    else:
        yield _("lowest %(lowest)s, second-lowest %(second)s → %(grade)s") % said


def t_icaht_words(grading: Grading, days: Sequence[tuple[int, int]]) -> Iterator[str]:
    """On how many days platelets were below each threshold, given as (threshold, days)."""
    if grading.grade is None:
        return
    counted = ", ".join(
        _("below %(threshold)s: %(days)s") % {"threshold": threshold, "days": days_words(number)}
        for threshold, number in days
    )
    yield f"{counted} → {grading.grade}"


def aplasia_words(found: Aplasia, threshold: Decimal) -> str:
    """From when to when, or that it goes on, as one sentence."""
    said = {"threshold": number_text(threshold)}
    if found.start is None:
        return _("No value is below %(threshold)s: no aplasia in these samples.") % said
    said["start"] = day_text(found.start)
    if found.end is not None:
        said |= {"end": day_text(found.end), "days": days_words((found.end - found.start).days)}
        text = _("From %(start)s to %(end)s, %(days)s: then two samples were not below it.")
    else:
        last = found.seen_until or found.start
        said |= {"last": day_text(last), "days": days_words((last - found.start).days)}
        text = _("From %(start)s and ongoing at the last sample, %(last)s: more than %(days)s.")
    return text % said


def _count(value: Fraction) -> str:
    return number_text(Decimal(value.numerator) / Decimal(value.denominator))
