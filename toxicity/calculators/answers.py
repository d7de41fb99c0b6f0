"""What each scale answers on its page: a grade or number with its arithmetic and how firm it is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.wording import day_text
from terms.words import N_
from toxicity.calculators.labels import LABELS
from toxicity.domain.b_cell_aplasia import b_cell_aplasia
from toxicity.domain.car_hematotox import Hematotox, HematotoxValues, car_hematotox, parts_of
from toxicity.domain.crs import grade_crs
from toxicity.domain.easix import easix, log2_of
from toxicity.domain.grading import Grading, Warning
from toxicity.domain.icaht import early_icaht, late_icaht, late_values
from toxicity.domain.icans import grade_icans
from toxicity.domain.iec_hs import IecHsSigns, grade_iec_hs
from toxicity.domain.ranges import anc_doubted, crp_doubted
from toxicity.domain.t_icaht import days_below, early_t_icaht, late_t_icaht
from toxicity.inputs import scales as i
from toxicity.wording import (
    Signs,
    grade_words,
    status_words,
    sum_words,
    unknown_words,
    warning_words,
)
from toxicity.wording.iec_hs_words import criteria_words, screen_words
from toxicity.wording.numbers import number_text
from toxicity.wording.series_words import (
    aplasia_words,
    early_icaht_words,
    late_icaht_words,
    t_icaht_words,
    window_words,
)

Given = dict[str, Any]


@dataclass(frozen=True)
class Finding:
    """One grade, score or index as the page shows it, all in the reader's language."""

    title: str
    shown: str  # the numeral or number; empty where there is none
    word: str = ""  # says beside the numeral what it means
    graded: bool = True  # whether this is a grade at all, known or not
    grade: int | None = None
    facts: tuple[str, ...] = ()
    status: str = ""
    unknown: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """All findings of a scale, and the lines of its tables that apply."""

    findings: tuple[Finding, ...]
    lines: frozenset[str] = frozenset()  # keys of `toxicity.calculators.tables`
    read: str = ""  # what a series was read as, so that a slip is seen


def answer_crs(given: Given) -> Answer:
    """CRS."""
    signs = i.crs_signs(given)
    grading = grade_crs(signs)
    return Answer((_graded(_("CRS"), grading, signs),), _line("grade", grading))


def answer_icans(given: Given) -> Answer:
    """ICANS."""
    signs = i.icans_signs(given)
    grading = grade_icans(signs)
    capd = {f"capd:{one.grade}" for one in grading.drivers if one.code == "capd"}
    return Answer((_graded(_("ICANS"), grading, signs),), _line("grade", grading) | capd)


def answer_iec_hs(given: Given) -> Answer:
    """The screen, and the grade of a confirmed syndrome."""
    signs = IecHsSigns(**given)
    found = grade_iec_hs(signs)
    screen = Finding(_("Screen"), "", screen_words(found.screen), graded=False,
                     facts=criteria_words(signs))  # fmt: skip
    graded = _graded(_("IEC-HS"), found.grading, signs)
    met = {f"limb:{limb}" for limb in found.limbs}
    return Answer((screen, graded), _line("grade", found.grading) | met)


def answer_icaht(given: Given) -> Answer:
    """Early and late ICAHT."""
    course, samples = i.course_and_samples(given, "anc")
    early, late = early_icaht(samples, course), late_icaht(samples, course)
    doubts = anc_doubted(sample.value for sample in samples)
    findings = (
        windowed(_("Early, day 0 to 30"), early.grading, early_icaht_words(early), doubts),
        windowed(
            _("Late, day 31 to 100"), late, late_icaht_words(late, late_values(samples, course))
        ),
    )
    lines = _line("early", early.grading) | _line("late", late)
    return Answer(findings, lines, _read(given, "anc"))


def answer_t_icaht(given: Given) -> Answer:
    """Early and late T-ICAHT."""
    course, samples = i.course_and_samples(given, "plt")
    early, late = early_t_icaht(samples, course), late_t_icaht(samples, course)
    early_days = [(limit, days_below(samples, course, limit)) for limit in (50, 20)]
    late_days = [(limit, days_below(samples, course, limit, late=True)) for limit in (100, 50, 20)]
    findings = (
        windowed(_("Early, day 0 to 30"), early, t_icaht_words(early, early_days)),
        windowed(_("Late, day 31 to 100"), late, t_icaht_words(late, late_days)),
    )
    return Answer(findings, _line("early", early) | _line("late", late), _read(given, "plt"))


def answer_car_hematotox(given: Given) -> Answer:
    """The score, or the range in which it lies."""
    values = HematotoxValues(**given)
    found, parts = car_hematotox(values), parts_of(values)
    known = [part for part in parts if part.points is not None]
    facts = [
        f"{_(LABELS[part.name].text)} {number_text(given[part.name])} {LABELS[part.name].unit}"
        f" → {part.points}"
        for part in known
    ]
    finding = Finding(
        title=_("CAR-HEMATOTOX"),
        shown=str(found.score) if found.score is not None else f"{found.minimum}–{found.maximum}",
        word=_(CATEGORIES[found.category]),
        graded=False,
        facts=tuple(facts),
        status=score_status(found),
        unknown=tuple(_(LABELS[part.name].text) for part in parts if part.points is None),
        warnings=warning_words((*crp_doubted(given.get("crp")), *anc_doubted([given.get("anc")]))),
    )
    lines = {f"{part.name}:{part.points}" for part in known}
    return Answer((finding,), frozenset(lines | {f"risk:{found.category}"}))


def answer_easix(given: Given) -> Answer:
    """Three indices with their logarithms; nothing is coloured."""
    ldh, creatinine, plt, crp = (given.get(n) for n in ("ldh", "creatinine", "plt", "crp"))
    found = easix(ldh, creatinine, plt, crp)
    findings = (
        index_finding(_("EASIX"), found.easix, (_("LDH"), ldh), (_("creatinine"), creatinine),
                      plt=plt),
        index_finding(_("Simplified EASIX"), found.s_easix, (_("LDH"), ldh), plt=plt),
        index_finding(_("Modified EASIX"), found.m_easix, (_("LDH"), ldh), (_("CRP"), crp), plt=plt,
                      warnings=warning_words(crp_doubted(crp))),
    )  # fmt: skip
    return Answer(findings)


def answer_b_cells(given: Given) -> Answer:
    """When B-cell aplasia began and ended."""
    samples = [(one["at"], one["cd19"]) for one in given["series"]]
    found = b_cell_aplasia(samples, given["threshold"])
    status = _("Ongoing: censored at the last sample.") if found.ongoing else ""
    sentence = aplasia_words(found, given["threshold"]) if samples else _("No sample was given.")
    finding = Finding(_("B-cell aplasia"), "", sentence, graded=False, status=status)
    return Answer((finding,), read=_read(given, "cd19"))


CATEGORIES = {
    "high": N_("high risk"),
    "low": N_("low risk"),
    None: N_("low or high, as what is missing decides"),
}


def _line(table: str, grading: Grading) -> frozenset[str]:
    return frozenset() if grading.grade is None else frozenset({f"{table}:{grading.grade}"})


def _graded(title: str, grading: Grading, signs: Signs) -> Finding:
    facts = sum_words(grading, signs)
    return Finding(
        title=title,
        shown=_numeral(grading),
        word=grade_words(grading.grade),
        grade=grading.grade,
        facts=(facts,) if facts else (),
        status=status_words(grading),
        unknown=unknown_words(grading, signs),
        warnings=warning_words(grading.warnings),
    )


def windowed(
    title: str, grading: Grading, facts: Iterable[str], doubts: Iterable[Warning] = ()
) -> Finding:
    """The grade of a window of days."""
    return Finding(
        title=title,
        shown=_numeral(grading),
        word=grade_words(grading.grade),
        grade=grading.grade,
        facts=tuple(facts),
        status=window_words(grading),
        warnings=warning_words((*grading.warnings, *doubts)),
    )


def _numeral(grading: Grading) -> str:
    return "" if grading.grade is None else str(grading.grade)


def score_status(found: Hematotox) -> str:
    """How firm a score is, as a sentence."""
    if found.score is not None:
        return _("Final: all that counts is known.")
    return _("Provisional: the score lies in this range, as what is missing decides.")


def index_finding(
    title: str,
    value: Decimal | None,
    *factors: tuple[str, Decimal | None],
    plt: Decimal | None,
    warnings: tuple[str, ...] = (),
) -> Finding:
    """One index with its arithmetic, or what is missing."""
    named = (*factors, (_("platelets"), plt))
    unknown = tuple(name for name, factor in named if factor is None)
    if value is None:
        status = _("Not computed: a value is missing, or there are no platelets to divide by.")
        return Finding(title, "", _("no value"), graded=False, status=status, unknown=unknown,
                       warnings=warnings)  # fmt: skip
    product = " × ".join(
        f"{name} {number_text(factor)}" for name, factor in factors if factor is not None
    )
    facts = [f"{product} / {_('platelets')} {number_text(plt or 0)} = {rounded(value)}"]
    logarithm = log2_of(value)
    if logarithm is None:
        facts.append(_("log2 is not defined: use the assay's lower limit for a CRP of 0"))
    else:
        facts.append(f"log2 = {rounded(Decimal(repr(logarithm)))}")
    return Finding(title, rounded(value), graded=False, facts=tuple(facts), warnings=warnings)


def rounded(value: Decimal) -> str:
    """To two decimals, and to more where they would show nothing."""
    places = Decimal("0.01") if abs(value) >= Decimal("0.1") else Decimal("0.00001")
    return number_text(value.quantize(places))


def _read(given: Given, count: str) -> str:
    """`31 values from 01-Mar-2026 to 31-Mar-2026, lowest 300`."""
    series: Sequence[Given] = given["series"]
    if not series:
        return ""
    days = sorted(one["at"] for one in series)
    text = ngettext(
        "Read as %(count)s value from %(first)s to %(last)s, the lowest %(lowest)s.",
        "Read as %(count)s values from %(first)s to %(last)s, the lowest %(lowest)s.",
        len(series),
    )
    return text % {
        "count": len(series),
        "first": day_text(days[0]),
        "last": day_text(days[-1]),
        "lowest": number_text(min(one[count] for one in series)),
    }
