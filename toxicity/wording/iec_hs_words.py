"""What the screen for IEC-HS and its grade rest on, in words, each limit with its arithmetic."""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _

from terms.words import N_
from toxicity.domain.grading import Grading
from toxicity.domain.iec_hs import (
    FERRITIN_TIMES,
    FIBRINOGEN_MG_DL,
    TRANSAMINASE_TIMES,
    IecHsSigns,
    Screen,
)
from toxicity.wording.numbers import number_text

_STEPS = {
    "death": N_("death due to IEC-HS"),
    "life_threatening": N_("life-threatening"),
    "severe": N_("severe, not immediately life-threatening"),
    "intervention": N_("treatment for IEC-HS is indicated"),
    "confirmed": N_("confirmed by a clinician, nothing worse stated"),
}
_SCREENS = {
    Screen.SUSPECTED: N_("The laboratory fits IEC-HS; only a clinician diagnoses it."),
    Screen.NOT_MET: N_("The criteria are not met by what is known."),
    Screen.NOT_IECHS: N_("Another cause explains it: not IEC-HS."),
    Screen.NOT_ASSESSABLE: N_("Too little is known to screen. This is not a negative screen."),
}


def iec_hs_words(grading: Grading) -> tuple[str, ...]:
    """The step that gave the grade; grade 0 is a clinician's word that it is over."""
    if grading.grade == 0:
        return (_("confirmed before, and a clinician sees nothing of it now"),)
    return tuple(_(_STEPS[driver.code]) for driver in grading.drivers)


def criteria_words(signs: IecHsSigns) -> tuple[str, ...]:
    """Every criterion of the screen that can be compared, met or not."""
    return tuple(_criteria(signs))


def iec_hs_unknown(signs: IecHsSigns) -> tuple[str, ...]:
    """What nobody stated and could change a grade that is not final."""
    if not signs.confirmed:
        return (_("confirmation by a clinician"),)
    said = (
        (_("death"), signs.death),
        (_("whether it is life-threatening"), signs.life_threatening),
        (_("whether it is severe"), signs.severe),
        (_("whether treatment is indicated"), signs.intervention),
    )
    return tuple(name for name, value in said[: _stated(signs)] if value is None)


def screen_words(screen: Screen) -> str:
    """What the laboratory says, as a sentence."""
    return _(_SCREENS[screen])


def _stated(signs: IecHsSigns) -> int:
    """How many of the steps stand above the one that gave the grade."""
    values = (signs.death, signs.life_threatening, signs.severe, signs.intervention)
    return values.index(True) if True in values else len(values)


def _criteria(signs: IecHsSigns) -> Iterator[str]:
    if signs.ferritin_rapid_rise:
        yield _("ferritin rising rapidly")
    yield from _compared(
        _("ferritin"), "ng/mL", signs.ferritin, FERRITIN_TIMES,
        (_("upper limit"), signs.ferritin_uln), (_("value at infusion"), signs.ferritin_baseline),
    )  # fmt: skip
    for name, value, limit, baseline in (
        (_("AST"), signs.ast, signs.ast_uln, signs.ast_baseline),
        (_("ALT"), signs.alt, signs.alt_uln, signs.alt_baseline),
    ):
        abnormal = limit is not None and baseline is not None and baseline > limit
        reference = (_("value at infusion"), baseline) if abnormal else (_("upper limit"), limit)
        yield from _compared(name, "U/L", value, TRANSAMINASE_TIMES, reference)
    if signs.fibrinogen is not None:
        yield _fibrinogen(signs.fibrinogen, signs.fibrinogen_lln)
    if signs.cytopenia_g4_new:
        yield _("new or worsening cytopenia of grade 4")
    if signs.hemophagocytosis:
        yield _("haemophagocytosis")


def _compared(
    name: str,
    unit: str,
    value: Decimal | None,
    times: int,
    *references: tuple[str, Decimal | None],
) -> Iterator[str]:
    """A value against so many times each reference that is known: `3536 ng/mL > 2 × 300 = 600`."""
    for what, reference in references:
        if value is not None and reference is not None:
            sign = ">" if value > times * reference else "≤"
            limit = f"{times} × {number_text(reference)} = {number_text(times * reference)}"
            yield f"{name} {number_text(value)} {unit} {sign} {limit} ({what})"


def _fibrinogen(value: Decimal, local: Decimal | None) -> str:
    limit = FIBRINOGEN_MG_DL if local is None else max(FIBRINOGEN_MG_DL, local)
    sign = "<" if value < limit else "≥"
    name = _("fibrinogen")
    return f"{name} {number_text(value)} mg/dL {sign} {number_text(limit)}"
