"""The hyperinflammatory syndrome (IEC-HS): a screen, and a grade once a clinician confirms it.

Source: Hines MR et al. Transplant Cell Ther 2023;29:438.e1-438.e16; criteria and grades are from
memory of its tables 2 and 3 and wait for the programme's confirmation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from terms.words import N_
from toxicity.domain.grading import Driver, Grading, Status, Warning
from toxicity.domain.ranges import fibrinogen_doubted

RULE_VERSION = "iec-hs-2023.1"
FERRITIN_TIMES = 2
TRANSAMINASE_TIMES = 5
FIBRINOGEN_MG_DL = Decimal(150)


class Screen(StrEnum):
    """What the laboratory says; only a clinician diagnoses."""

    SUSPECTED = "suspected"
    NOT_MET = "not_met"
    NOT_IECHS = "not_iechs"
    NOT_ASSESSABLE = "not_assessable"


@dataclass(frozen=True)
class IecHsSigns:
    """Results and judgements; None is not known. Ferritin in ng/mL, fibrinogen in mg/dL, AST and
    ALT in U/L, each with the laboratory's upper limit and the value at infusion."""

    ferritin: Decimal | None = None
    ferritin_uln: Decimal | None = None
    ferritin_baseline: Decimal | None = None
    ferritin_rapid_rise: bool | None = None
    ast: Decimal | None = None
    ast_uln: Decimal | None = None
    ast_baseline: Decimal | None = None
    alt: Decimal | None = None
    alt_uln: Decimal | None = None
    alt_baseline: Decimal | None = None
    fibrinogen: Decimal | None = None
    fibrinogen_lln: Decimal | None = None
    cytopenia_g4_new: bool | None = None
    hemophagocytosis: bool | None = None
    other_cause: bool | None = None
    confirmed: bool = False
    intervention: bool | None = None
    severe: bool | None = None
    life_threatening: bool | None = None
    death: bool | None = None
    over: bool = False  # confirmed before, and a clinician sees nothing of it now


@dataclass(frozen=True)
class IecHs:
    """The screen with the limbs that are met, and the grade of a confirmed syndrome."""

    screen: Screen
    limbs: tuple[str, ...]
    grading: Grading


def grade_iec_hs(signs: IecHsSigns, *, needed: int = 1) -> IecHs:
    """Screen, and grade 1 to 5 where confirmed; `needed` limbs beside ferritin make a suspicion."""
    limbs = {
        "ferritin": _ferritin(signs),
        "transaminases": _transaminases(signs),
        "fibrinogen": _fibrinogen(signs),
        "cytopenia": signs.cytopenia_g4_new,
        "hemophagocytosis": signs.hemophagocytosis,
    }
    met = tuple(code for code, found in limbs.items() if found)
    screen = _screen(limbs, signs.other_cause, needed)
    warnings = tuple(_warnings(signs, screen))
    if not signs.confirmed:
        grading = Grading(None, Status.NOT_GRADEABLE, RULE_VERSION, (), warnings)
    elif signs.over and not _signs_left(signs):
        grading = Grading(0, Status.FINAL, RULE_VERSION, (), warnings)
    else:
        grading = _grade(signs, warnings)
    return IecHs(screen, met, grading)


def _screen(limbs: dict[str, bool | None], other_cause: bool | None, needed: int) -> Screen:
    if other_cause:
        return Screen.NOT_IECHS
    beside = [found for code, found in limbs.items() if code != "ferritin"]
    if limbs["ferritin"] and sum(found is True for found in beside) >= needed:
        return Screen.SUSPECTED
    if limbs["ferritin"] is None or all(found is None for found in beside):
        return Screen.NOT_ASSESSABLE
    return Screen.NOT_MET


def _ferritin(signs: IecHsSigns) -> bool | None:
    if signs.ferritin_rapid_rise:
        return True
    return _above(signs.ferritin, FERRITIN_TIMES, signs.ferritin_uln, signs.ferritin_baseline)


def _transaminases(signs: IecHsSigns) -> bool | None:
    """Five times the limit, or five times a baseline that was itself above the limit."""
    found = [
        _above(value, TRANSAMINASE_TIMES, _limit(limit, baseline), None)
        for value, limit, baseline in (
            (signs.ast, signs.ast_uln, signs.ast_baseline),
            (signs.alt, signs.alt_uln, signs.alt_baseline),
        )
    ]
    return True if True in found else None if all(one is None for one in found) else False


def _limit(limit: Decimal | None, baseline: Decimal | None) -> Decimal | None:
    if limit is None or baseline is None or baseline <= limit:
        return limit
    return baseline


def _above(value: Decimal | None, times: int, *references: Decimal | None) -> bool | None:
    known = [reference for reference in references if reference is not None]
    if value is None or not known:
        return None
    return any(value > times * reference for reference in known)


def _fibrinogen(signs: IecHsSigns) -> bool | None:
    if signs.fibrinogen is None:
        return None
    local = signs.fibrinogen_lln
    return signs.fibrinogen < FIBRINOGEN_MG_DL or (local is not None and signs.fibrinogen < local)


def _grade(signs: IecHsSigns, warnings: tuple[Warning, ...]) -> Grading:
    """By the worst thing that is known; what nobody said of worse ones leaves it provisional."""
    steps = (
        ("death", 5, signs.death),
        ("life_threatening", 4, signs.life_threatening),
        ("severe", 3, signs.severe),
        ("intervention", 2, signs.intervention),
    )
    unsaid = False
    for code, grade, said in steps:
        if said:
            status = Status.PROVISIONAL if unsaid else Status.FINAL
            return Grading(grade, status, RULE_VERSION, (Driver(code, grade),), warnings)
        unsaid = unsaid or said is None
    status = Status.PROVISIONAL if unsaid else Status.FINAL
    return Grading(1, status, RULE_VERSION, (Driver("confirmed", 1),), warnings)


def _signs_left(signs: IecHsSigns) -> bool:
    """Whether something is said that goes against its being over: that is graded."""
    return any((signs.death, signs.life_threatening, signs.severe, signs.intervention))


def _open(signs: IecHsSigns) -> tuple[str, ...]:
    """What nobody told and could have met a limb."""
    rise = signs.ferritin_rapid_rise is None and not _ferritin(signs)
    liver = signs.ast is None or signs.alt is None
    said = (
        (N_("whether ferritin rises fast"), rise),
        (N_("AST or ALT"), liver and not _transaminases(signs)),
        (N_("fibrinogen"), signs.fibrinogen is None),
        (N_("new cytopenia of grade 4"), signs.cytopenia_g4_new is None),
        (N_("haemophagocytosis"), signs.hemophagocytosis is None),
    )
    return tuple(name for name, unknown in said if unknown)


def _warnings(signs: IecHsSigns, screen: Screen) -> Iterator[Warning]:
    if screen is Screen.SUSPECTED and not signs.confirmed:
        yield Warning(
            "to_confirm", N_("The laboratory fits IEC-HS: a haematologist confirms or refutes it.")
        )
    if signs.confirmed and not signs.over and screen is not Screen.SUSPECTED:
        yield Warning(
            "confirmed_against_screen", N_("Confirmed although the criteria are not all on record.")
        )
    if signs.over and _signs_left(signs):
        yield Warning(
            "over_with_signs", N_("Said to be over, and signs of it are recorded beside that.")
        )
    unknown = _open(signs) if screen is Screen.NOT_MET and not signs.confirmed else ()
    if unknown:
        yield Warning(
            "limbs_unknown", N_("Not met by what is known. Not known: %(what)s."),
            {"what": unknown},
        )  # fmt: skip
    yield from fibrinogen_doubted(signs.fibrinogen)
    if signs.ferritin is not None and signs.ferritin_uln is None:
        yield Warning(
            "limit_needed",
            N_("Say the laboratory's upper limit of ferritin."),
        )
