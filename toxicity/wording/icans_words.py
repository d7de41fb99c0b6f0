"""What an ICANS grade rests on, in words: the score with its band, and the signs beside it."""

from collections.abc import Iterator
from typing import cast

from django.utils.translation import gettext as _

from toxicity.domain.grading import Grading
from toxicity.domain.icans import CAPD_HIGH, ICE_MOST, UNAROUSABLE, IcansSigns, ice_score, is_child
from toxicity.wording.choices import choice_words

_BANDS = {1: "7–9", 2: "3–6", 3: "0–2"}


def icans_words(grading: Grading, signs: IcansSigns) -> tuple[str, ...]:
    """The facts that gave the grade; of grade 0 all that was looked at."""
    if signs.death_due_to_icans:
        return (_("death due to ICANS"),)
    codes = [driver.code for driver in grading.drivers]
    if not codes:
        return tuple(_looked_at(signs))
    said = [_said(code, signs, grading.grade or 0) for code in codes]
    if signs.sedated:
        said.append(_("sedated: arousal is not counted"))
    return tuple(said)


def icans_unknown(signs: IcansSigns) -> tuple[str, ...]:
    """What nobody stated and could change a grade that is not final."""
    score = None if is_child(signs) else ice_score(signs)
    unarousable = signs.ice_not_done_reason == UNAROUSABLE
    said = []
    if score is None and signs.capd is None and not unarousable:
        said.append(_("CAPD") if is_child(signs) else _("ICE"))
    elif score is not None and score[0] != score[1]:
        said.append(_("some items of ICE"))
    # A low CAPD goes by arousal too, which sedation takes away from the scale but not from it.
    by_capd = (
        score is None and not unarousable and signs.capd is not None and signs.capd < CAPD_HIGH
    )
    if signs.arousal is None and (not signs.sedated or by_capd):
        said.append(_("arousal"))
    if unarousable and signs.sedated:
        said.append(_("arousal without sedation"))
    if signs.seizure is None:
        said.append(_("seizures"))
    if signs.deep_motor_weakness is None:
        said.append(_("weakness"))
    if signs.icp is None and not signs.intracranial_haemorrhage:
        said.append(_("raised intracranial pressure"))
    return tuple(said)


def _looked_at(signs: IcansSigns) -> Iterator[str]:
    score = None if is_child(signs) else ice_score(signs)
    if score is not None:
        yield _ice(score)
    elif signs.ice_not_done_reason is not None:
        reason = choice_words("ice_not_done_reason", signs.ice_not_done_reason)
        yield _("ICE not done: %(reason)s") % {"reason": reason}
    if signs.sedated:
        yield _("sedated: arousal is not counted")
    elif signs.arousal is not None:
        yield choice_words("arousal", signs.arousal)
    if signs.seizure is not None:
        yield choice_words("seizure", signs.seizure)
    if signs.deep_motor_weakness is not None:
        yield _("no deep weakness")
    if signs.icp is not None and not signs.intracranial_haemorrhage:
        yield choice_words("icp", signs.icp)


def _said(code: str, signs: IcansSigns, grade: int) -> str:
    """One driver in words."""
    if code == "motor":
        return _("deep focal weakness")
    if code == "capd":
        return _capd(signs)
    if code == "ice":
        return _ice_given(signs, grade)
    return choice_words(code, getattr(signs, code))


def _ice_given(signs: IcansSigns, grade: int) -> str:
    if signs.ice_not_done_reason == UNAROUSABLE:
        return _("ICE not possible: unarousable")
    score = cast(tuple[int, int], ice_score(signs))  # without a score it is no driver
    if grade == 4:
        return _("%(score)s and unarousable") % {"score": _ice(score)}
    return f"{_ice(score)} ({_BANDS[grade]})"


def _ice(score: tuple[int, int]) -> str:
    least, most = score
    if least != most:
        return _("ICE %(least)s to %(most)s of %(all)s") % {
            "least": least, "most": most, "all": ICE_MOST,
        }  # fmt: skip
    return _("ICE %(score)s/%(all)s") % {"score": least, "all": ICE_MOST}


def _capd(signs: IcansSigns) -> str:
    said = {"score": signs.capd}
    if (signs.capd or 0) >= CAPD_HIGH:
        return _("CAPD %(score)s (9 and above)") % said
    return _("CAPD %(score)s (below 9)") % said
