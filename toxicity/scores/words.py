"""Scores of a chart in words: what each part answers, why one says nothing, why a value is out."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.wording import day_text
from terms.words import N_
from toxicity.calculators.answers import CATEGORIES, Finding, index_finding, score_status, windowed
from toxicity.calculators.labels import LABELS
from toxicity.domain.car_hematotox import MOST as HEMATOTOX_MOST
from toxicity.domain.chart_values import Why
from toxicity.domain.grading import Grading, Status
from toxicity.domain.scores import Part, Score, State
from toxicity.wording import grade_words, warning_words
from toxicity.wording.numbers import number_text
from toxicity.wording.series_words import (
    aplasia_words,
    early_icaht_words,
    late_icaht_words,
    t_icaht_words,
)

TITLES: Mapping[str, str] = MappingProxyType(
    {
        "icaht": N_("ICAHT"),
        "t_icaht": N_("T-ICAHT"),
        "neutropenia": N_("Neutropenia"),
        "car_hematotox": N_("CAR-HEMATOTOX"),
        "easix": N_("EASIX"),
        "b_cell_aplasia": N_("B-cell aplasia"),
        "igg": N_("Immunoglobulin G"),
        "all_hematotox": N_("ALL-HEMATOTOX"),
        "crs": N_("CRS"),
        "icans": N_("ICANS"),
        "iec_hs": N_("IEC-HS"),
    }
)
PART_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "early": N_("Early, day 0 to 30"),
        "late": N_("Late, after day 30"),
        "days": N_("Days with neutrophils below 500/µL"),
        "before_depletion": N_("Before lymphodepletion"),
        "course": N_("B-cell aplasia"),
        "latest": N_("The latest value"),
        "day": N_("On a day"),
    }
)
STATES: Mapping[str, str] = MappingProxyType(
    {
        State.FUTURE: N_("Its days are still to come."),
        State.NOT_RECORDED: N_("No value that it could be computed from. This is not grade 0."),
        State.ENDED: N_("The counting ended before its first day."),
    }
)
WHY: Mapping[str, str] = MappingProxyType(
    {
        Why.NO_DAY: N_("without a day"),
        Why.NO_NUMBER: N_("without a number"),
        Why.UNIT: N_("in a unit that cannot be converted"),
        Why.IMPOSSIBLE: N_("outside what the scale takes"),
        Why.LIMIT: N_("only a limit, which does not decide"),
        Why.TOO_OLD: N_("too old"),
    }
)
_MISSING: Mapping[str, str] = MappingProxyType(
    {
        "vaccine_response": N_("the response to vaccines, which is not recorded here"),
        "infections": N_("organism or severity of an infection"),
    }
)
_SEVERITY: Mapping[str, str] = MappingProxyType(
    {"none": N_("above 600 mg/dL"), "mild": N_("low, up to 600 mg/dL"),
     "severe": N_("very low, up to 400 mg/dL")}
)  # fmt: skip


def findings_of(score: Score, part: Part) -> tuple[Finding, ...]:
    """What a part that says something says."""
    return tuple(_FINDINGS[score.code](score, part))


def missing_words(names: tuple[str, ...]) -> tuple[str, ...]:
    """Inputs that are missing, as people call them."""
    return tuple(_(_MISSING[name] if name in _MISSING else LABELS[name].text) for name in names)


def _grading(score: Score, part: Part) -> Grading:
    status = part.status or Status.NOT_GRADEABLE
    return Grading(part.grade, status, score.rule_version, part.drivers, part.warnings)


def _icaht(score: Score, part: Part) -> Iterator[Finding]:
    grading, found = _grading(score, part), part.found
    facts: Iterable[str] = ()
    if part.grade is not None:  # what could not be counted may be lower than all that is said
        early = part.code == "early"
        facts = early_icaht_words(found) if early else late_icaht_words(grading, found)
    yield windowed(_(PART_TITLES[part.code]), grading, facts)


def _t_icaht(score: Score, part: Part) -> Iterator[Finding]:
    grading, days = _grading(score, part), part.found
    yield windowed(_(PART_TITLES[part.code]), grading, t_icaht_words(grading, days))


def _neutropenia(score: Score, part: Part) -> Iterator[Finding]:
    title, said = _(PART_TITLES[part.code]), dict[str, Any](part.figures)
    if part.code == "latest":
        yield _latest_count(title, part)
        return
    low, high, unknown = (said[name] for name in ("days", "days_most", "unknown"))
    facts = [_("counted up to %(on)s, gaps up to 7 days filled") % {"on": day_text(said["until"])}]
    if unknown:
        text = ngettext(
            "%(count)s day without a count, which may have been low",
            "%(count)s days without a count, which may have been low",
            unknown,
        )
        facts.append(text % {"count": unknown})
    yield Finding(
        title,
        str(low) if low == high else f"{low}–{high}",
        _("days"),
        graded=False,
        facts=tuple(facts),
        status=_(_DAYS_STATUS[part.status is Status.FINAL]),
        warnings=warning_words(part.warnings),
    )


_DAYS_STATUS = {
    True: N_("Final: the days are over and all of them are known."),
    False: N_("Provisional: its days are not over, or not all of them are known."),
}


def _latest_count(title: str, part: Part) -> Finding:
    said: Any = part.figures
    if "anc" not in said:
        return Finding(title, "", grade_words(None), status=_("Not gradeable: it cannot be read."))
    value = f"{said['limit']}{number_text(said['anc'])} /µL"
    text = _("%(value)s on %(on)s, by CTCAE version 5")
    return Finding(
        title,
        "" if part.grade is None else str(part.grade),
        grade_words(part.grade),
        grade=part.grade,
        facts=(text % {"value": value, "on": day_text(said["on"])},),
    )


def _hematotox(score: Score, part: Part) -> Iterator[Finding]:
    found, asked, values = part.found
    facts = tuple(
        f"{_(LABELS[one.name].text)} {number_text(values[one.name])} {LABELS[one.name].unit}"
        f" → {one.points}"
        for one in asked
        if one.points is not None
    )
    shown = str(found.score) if found.score is not None else f"{found.minimum}–{found.maximum}"
    yield Finding(
        _(PART_TITLES[part.code]),
        shown,
        _("of %(most)s: %(risk)s")
        % {"most": HEMATOTOX_MOST, "risk": _(CATEGORIES[found.category])},
        graded=False,
        facts=facts,
        status=score_status(found),
        unknown=missing_words(part.missing),
        warnings=warning_words(part.warnings),
    )


def _easix(score: Score, part: Part) -> Iterator[Finding]:
    found, values = part.found
    ldh, creatinine, plt, crp = (values.get(n) for n in ("ldh", "creatinine", "plt", "crp"))
    yield index_finding(_("EASIX"), found.easix, (_("LDH"), ldh), (_("creatinine"), creatinine),
                        plt=plt)  # fmt: skip
    yield index_finding(_("Simplified EASIX"), found.s_easix, (_("LDH"), ldh), plt=plt)
    yield index_finding(_("Modified EASIX"), found.m_easix, (_("LDH"), ldh), (_("CRP"), crp),
                        plt=plt, warnings=warning_words(part.warnings))  # fmt: skip


def _aplasia(score: Score, part: Part) -> Iterator[Finding]:
    found = part.found
    said: Any = part.figures
    status = _(_APLASIA_STATUS[part.status is Status.FINAL])
    if found.ongoing:
        status = _("Ongoing: censored at the last sample.")
    facts: tuple[str, ...] = ()
    if said["months"] is not None:
        number = number_text(said["months"], 1) + ("+" if found.ongoing else "")
        facts = (_("%(number)s months from day 0, of 30.44 days") % {"number": number},)
    sentence = aplasia_words(found, said["threshold"])
    yield Finding(_(PART_TITLES[part.code]), "", sentence, graded=False, facts=facts,
                  status=status, warnings=warning_words(part.warnings))  # fmt: skip


_APLASIA_STATUS = {
    True: N_("Final: two recovered samples in a row ended it."),
    False: N_("Provisional: a later sample could change it."),
}


def _igg(score: Score, part: Part) -> Iterator[Finding]:
    title, found = _(PART_TITLES[part.code]), part.found
    if found is None:
        yield Finding(title, "", _("No value that counts."), graded=False,
                      status=_("Not gradeable: it is too old or cannot be read."))  # fmt: skip
        return
    said: Any = part.figures
    value = f"{said['limit']}{number_text(said['igg'])} mg/dL"
    counted = _("bacterial infections counted: %(count)s") % {"count": said["infections"]}
    facts = [_("%(value)s on %(on)s") % {"value": value, "on": day_text(said["on"])}, counted]
    for name, guidance in (("hill", "Hill 2019"), ("aaaai", "AAAAI 2022")):
        facts.append(_(_THINKS[said[name]]) % {"guidance": guidance})
    yield Finding(title, "", _(_SEVERITY[said["severity"]]), graded=False, facts=tuple(facts),
                  status=_("A prompt of published guidance, never an order."),
                  unknown=missing_words(part.missing),
                  warnings=warning_words(part.warnings))  # fmt: skip


_THINKS = {
    True: N_("%(guidance)s: consider replacement"),
    False: N_("%(guidance)s: does not ask to consider replacement"),
    None: N_("%(guidance)s: what is not known decides"),
}
_FINDINGS: Mapping[str, Callable[[Score, Part], Iterator[Finding]]] = MappingProxyType(
    {
        "icaht": _icaht,
        "t_icaht": _t_icaht,
        "neutropenia": _neutropenia,
        "car_hematotox": _hematotox,
        "easix": _easix,
        "b_cell_aplasia": _aplasia,
        "igg": _igg,
    }
)


def age_words(days: int) -> str:
    """`today`, `3 days old`."""
    if not days:
        return _("today")
    return ngettext("%(count)s day old", "%(count)s days old", days) % {"count": days}
