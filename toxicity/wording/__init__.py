"""Grades in words: what gave them with the arithmetic, how firm they are, what to heed.

Pure, in the active language. `driver_words` gives the facts, `because` the line under a grade.
"""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.wording import in_words
from terms.refusals import Refusal
from terms.words import N_
from toxicity.domain.crs import CrsSigns
from toxicity.domain.grading import Grading, Status, Warning
from toxicity.domain.icans import IcansSigns
from toxicity.domain.iec_hs import IecHsSigns
from toxicity.wording.crs_words import crs_unknown, crs_words
from toxicity.wording.icans_words import icans_unknown, icans_words
from toxicity.wording.iec_hs_words import iec_hs_unknown, iec_hs_words

__all__ = ["because", "driver_words", "grade_words", "status_words", "sum_words", "unknown_words",
           "warning_words"]  # fmt: skip

Signs = CrsSigns | IcansSigns | IecHsSigns

_SEVERITY = {
    0: N_("absent"),
    1: N_("mild"),
    2: N_("moderate"),
    3: N_("severe"),
    4: N_("life-threatening"),
    5: N_("death"),
}
_STATUS = {
    Status.FINAL: N_("Final: all that counts is known."),
    Status.PROVISIONAL: N_(
        "Provisional: what is not known could raise it, or explain it otherwise."
    ),
    Status.NOT_GRADEABLE: N_("Not gradeable: too little is known. This is not grade 0."),
}


def driver_words(grading: Grading, signs: Signs) -> tuple[str, ...]:
    """The facts behind a grade: `temperature 38.6 °C`, `nasal oxygen 4 L/min`."""
    if isinstance(signs, CrsSigns):
        return crs_words(grading, signs)
    if isinstance(signs, IcansSigns):
        return icans_words(grading, signs)
    return iec_hs_words(grading)


def unknown_words(grading: Grading, signs: Signs) -> tuple[str, ...]:
    """What nobody stated and could change the grade: `oxygen`; nothing of a final one."""
    if grading.status is Status.FINAL:
        return ()
    if isinstance(signs, CrsSigns):
        return crs_unknown(signs)
    if isinstance(signs, IcansSigns):
        return icans_unknown(signs)
    return iec_hs_unknown(signs)


def because(grading: Grading, signs: Signs) -> str:
    """One line: `because temperature 38.6 °C + nasal oxygen 4 L/min → 2`, or what is not known."""
    if grading.grade is None:
        missing = unknown_words(grading, signs)
        return _("not known: %(what)s") % {"what": ", ".join(missing)}
    return _("because %(facts)s") % {"facts": sum_words(grading, signs)}


def sum_words(grading: Grading, signs: Signs) -> str:
    """The facts and what they give: `temperature 38.6 °C + nasal oxygen 4 L/min → 2`."""
    facts = " + ".join(driver_words(grading, signs))
    return facts if grading.grade is None else f"{facts} → {grading.grade}"


def grade_words(grade: int | None) -> str:
    """The word beside the numeral; colour never says it alone."""
    return _("not gradeable") if grade is None else _(_SEVERITY[grade])


def status_words(grading: Grading) -> str:
    """How firm a grade is, as a sentence."""
    return _(_STATUS[grading.status])


def warning_words(warnings: Iterable[Warning]) -> tuple[str, ...]:
    """What to heed beside a grade, as sentences."""
    return tuple(in_words(Refusal(one.code, one.message, one.params)) for one in warnings)
