"""Neurotoxicity (ICANS): the consensus grading of the ASTCT, with the ICE score, CAPD under 12.

Source: Lee DW et al. Biol Blood Marrow Transplant 2019;25:625-638, as its derivative tables give
it. Lines marked [conv] are conventions where the source is silent.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from terms.words import N_
from toxicity.domain.grading import Axis, Driver, Grading, Status, Warning, settle

RULE_VERSION = "icans-astct-2019.1"
ICE_MOST = 10
CHILD_BELOW_YEARS = 12
CAPD_HIGH = 9  # from here on grade 3
AROUSAL = {"spontaneous": 0, "voice": 2, "tactile": 3, "vigorous_or_unarousable": 4}
AWAKENS = frozenset(AROUSAL) - {"vigorous_or_unarousable"}
SEIZURE = {"none": 0, "resolving": 3, "prolonged": 4}
ICP = {"none": 0, "focal_oedema": 3, "diffuse_or_signs": 4}
UNAROUSABLE = "unarousable"
NOT_DONE = (UNAROUSABLE, "sedated", "intubated", "refused", "language", "missed")
_WORST = 4
# The items of ICE with the most that each gives.
ITEMS = (
    ("year", 1), ("month", 1), ("city", 1), ("hospital", 1), ("command", 1), ("sentence", 1),
    ("attention", 1), ("naming", 3),
)  # fmt: skip


@dataclass(frozen=True)
class IceItems:
    """The items of the ICE score, each 0 or 1, the naming of objects 0 to 3; None: not asked."""

    year: int | None = None
    month: int | None = None
    city: int | None = None
    hospital: int | None = None
    command: int | None = None
    sentence: int | None = None
    attention: int | None = None
    naming: int | None = None

    def bounds(self) -> tuple[int, int] | None:
        """The least and the most the score can be; None when no item was asked."""
        known, missing, asked = 0, 0, False
        for name, most in ITEMS:
            value = getattr(self, name)
            if value is None:
                missing += most
            else:
                known, asked = known + value, True
        return (known, known + missing) if asked else None


@dataclass(frozen=True)
class IcansSigns:
    """The signs of one assessment; None is not known, which is never no.

    `ice_total` 0 to 10 where only the total is known, `capd` 0 to 32, `age_years` whole years.
    """

    ice: IceItems = IceItems()
    ice_total: int | None = None
    ice_not_done_reason: str | None = None
    arousal: str | None = None
    sedated: bool = False
    seizure: str | None = None
    deep_motor_weakness: bool | None = None
    icp: str | None = None
    intracranial_haemorrhage: bool = False
    death_due_to_icans: bool = False
    age_years: int | None = None
    capd: int | None = None
    baseline_ice: int | None = None


def grade_icans(signs: IcansSigns) -> Grading:
    """Grade 0 to 5: the highest of the axes that can be assessed.

    Seizures, weakness and oedema that nobody states were not seen: they leave a grade provisional,
    and do not take it away. Raises ValueError for a word or number that the scale does not have.
    """
    _check(signs)
    warnings = tuple(_warnings(signs))
    if signs.death_due_to_icans:
        return Grading(5, Status.FINAL, RULE_VERSION, (Driver("death", 5),), warnings)
    told = (_cognition(signs), _arousal(signs))
    seen = (_seizure(signs), _motor(signs), _icp(signs))
    found = settle((*told, *seen), RULE_VERSION, warnings)
    if found.grade is None and not any(axis.worst for axis in told):
        # ICE and arousal are normal; of the rest nobody said anything.
        return Grading(0, Status.PROVISIONAL, RULE_VERSION, (), warnings)
    return found


def ice_score(signs: IcansSigns) -> tuple[int, int] | None:
    """The least and the most the ICE score can be; None when nothing of it was done.

    What was answered before it had to be given up stands: a wrong answer is known.
    """
    if signs.ice_not_done_reason == UNAROUSABLE:
        return None
    items, total = signs.ice.bounds(), signs.ice_total
    if items is None or total is None:
        return items if total is None else (total, total)
    return min(items[0], total), min(items[1], total)  # the worse of two that differ


def _check(signs: IcansSigns) -> None:
    words = (
        (signs.arousal, AROUSAL), (signs.seizure, SEIZURE), (signs.icp, ICP),
        (signs.ice_not_done_reason, NOT_DONE),
    )  # fmt: skip
    faults = [str(word) for word, known in words if word is not None and word not in known]
    numbers = [(getattr(signs.ice, name), most) for name, most in ITEMS]
    numbers += [(signs.ice_total, ICE_MOST), (signs.capd, 32), (signs.baseline_ice, ICE_MOST)]
    numbers.append((signs.age_years, 130))
    faults += [str(n) for n, most in numbers if n is not None and not 0 <= n <= most]
    if faults:
        raise ValueError(f"not of the scale: {faults}")


def is_child(signs: IcansSigns) -> bool:
    """Whether CAPD takes the place of ICE: under 12 years; an age nobody states is an adult's."""
    return signs.age_years is not None and signs.age_years < CHILD_BELOW_YEARS


def _cognition(signs: IcansSigns) -> Axis:
    """ICE, or CAPD for a child and for whoever cannot be asked ICE."""
    if signs.ice_not_done_reason == UNAROUSABLE:
        return Axis("ice", 4, 4, unsure=signs.sedated)
    score = None if is_child(signs) else ice_score(signs)
    if score is None:
        return _capd(signs) if signs.capd is not None else Axis("ice", 0, _WORST)
    least, most = score
    return Axis("ice", _ice_grade(most, signs, best=True), _ice_grade(least, signs, best=False))


def _ice_grade(score: int, signs: IcansSigns, *, best: bool) -> int:
    if score == ICE_MOST:
        return 0
    if score >= 7:
        return 1
    if score >= 3:
        return 2
    if score:
        return 3
    awake = signs.sedated or (signs.arousal or "") in ("spontaneous", "voice", "tactile")
    if signs.arousal is None and not signs.sedated:
        return 3 if best else 4
    return 3 if awake else 4


def _capd(signs: IcansSigns) -> Axis:
    """Below 9 it is 1 for a child awake, 2 to voice; 9 and above 3; arousal raises it besides."""
    if (signs.capd or 0) >= CAPD_HIGH:
        return Axis("capd", 3, 3)
    if signs.arousal == "voice":
        return Axis("capd", 2, 2)
    return Axis("capd", 1, 2 if signs.arousal is None else 1)


def _arousal(signs: IcansSigns) -> Axis:
    if signs.sedated:
        return Axis("arousal", 0, 0)  # sedation takes this axis away
    if signs.arousal is None:
        return Axis("arousal", 0, _WORST)
    return Axis("arousal", AROUSAL[signs.arousal], AROUSAL[signs.arousal])


def _seizure(signs: IcansSigns) -> Axis:
    if signs.seizure is None:
        return Axis("seizure", 0, _WORST)
    return Axis("seizure", SEIZURE[signs.seizure], SEIZURE[signs.seizure])


def _motor(signs: IcansSigns) -> Axis:
    if signs.deep_motor_weakness is None:
        return Axis("motor", 0, _WORST)
    grade = 4 if signs.deep_motor_weakness else 0
    return Axis("motor", grade, grade)


def _icp(signs: IcansSigns) -> Axis:
    if signs.intracranial_haemorrhage:
        return Axis("icp", 0, 0)  # oedema linked to a haemorrhage is not ICANS
    if signs.icp is None:
        return Axis("icp", 0, _WORST)
    return Axis("icp", ICP[signs.icp], ICP[signs.icp])


def _warnings(signs: IcansSigns) -> Iterator[Warning]:
    items, total = signs.ice.bounds(), signs.ice_total
    if items is not None and total is not None and not items[0] <= total <= items[1]:
        yield Warning(
            "ice_differs", N_("The total is not that of the items: the lower one is graded.")
        )
    reason = signs.ice_not_done_reason
    if reason is not None and (items is not None or total is not None):
        yield Warning("ice_begun", N_("ICE was not done to the end: what was answered is graded."))
    if reason == UNAROUSABLE and signs.arousal in AWAKENS:
        yield Warning(
            "awakens_unarousable",
            N_("Unarousable, and the patient awakens: one is wrong. The worse of them is graded."),
        )
    if reason == UNAROUSABLE and signs.sedated:
        yield Warning(
            "sedated_unarousable", N_("Unarousable while sedated: sedation may be the cause.")
        )
    if signs.baseline_ice is not None and signs.baseline_ice < ICE_MOST:
        yield Warning(
            "baseline_ice",
            N_("ICE was %(score)s before the infusion: nothing is corrected for it."),
            {"score": signs.baseline_ice},
        )
    if signs.intracranial_haemorrhage:
        yield Warning(
            "haemorrhage", N_("An intracranial haemorrhage is graded by CTCAE, not as ICANS.")
        )
    if is_child(signs) and signs.capd is None:
        yield Warning("capd_needed", N_("Under 12 years CAPD takes the place of ICE."))
    if not is_child(signs) and signs.capd is not None:
        yield Warning("capd_for_children", N_("CAPD is for children under 12 years."))
    unsaid = [
        name
        for name, value in (
            (N_("seizures"), signs.seizure),
            (N_("weakness"), signs.deep_motor_weakness),
            (N_("raised intracranial pressure"), signs.icp),
        )
        if value is None
    ]
    if unsaid:
        yield Warning("not_stated", N_("Not stated: %(what)s."), {"what": tuple(unsaid)})
