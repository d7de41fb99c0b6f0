"""Cytokine release syndrome: the consensus grading of the ASTCT.

Source: Lee DW et al. Biol Blood Marrow Transplant 2019;25:625-638, as its derivative tables give
it. Lines marked [conv] are conventions where the source is silent.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from terms.words import N_
from toxicity.domain.grading import Axis, Driver, Grading, Status, Warning, settle

RULE_VERSION = "crs-astct-2019.2"
FEVER_C = Decimal(38)  # inclusive
LOW_FLOW_LPM = Decimal(6)  # up to and including: low flow
VASOPRESSORS = (
    "norepinephrine", "epinephrine", "phenylephrine", "dopamine", "vasopressin", "other",
)  # fmt: skip
_HIGH_FLOW = frozenset({"facemask", "nonrebreather", "venturi", "hfnc"})
PRESSURE = frozenset({"cpap", "bipap", "mech_vent"})
_USUAL = frozenset({"nasal_cannula", "cpap", "bipap"})  # what somebody may have at home
DEVICES = ("none", "nasal_cannula", "blow_by", *sorted(_HIGH_FLOW), *sorted(PRESSURE))
PPV_REASONS = ("hypoxia", "airway_protection", "other")
_WORST = 4


@dataclass(frozen=True)
class CrsSigns:
    """The signs of one assessment; None is not known, which is never no.

    `temp_c` in degrees Celsius, `o2_flow_lpm` in litres a minute. `crs_established`: an earlier
    assessment of this episode had qualifying fever. `fever_masked`: antipyretic, anticytokine or
    steroid given since the onset; not known, it may have been. `hypotension` is the clinician's
    judgement, not a number.
    """

    temp_c: Decimal | None = None
    fever_other_cause: bool | None = None
    crs_established: bool = False
    fever_masked: bool | None = None
    hypotension: bool | None = None
    vasopressors: frozenset[str] | None = None
    o2_device: str | None = None
    o2_flow_lpm: Decimal | None = None
    o2_is_baseline: bool = False
    ppv_reason: str | None = None
    death_due_to_crs: bool = False


def grade_crs(signs: CrsSigns) -> Grading:
    """Grade 0 to 5. Fever is the gate; hypotension and hypoxia by what they require.

    Raises ValueError for a device or vasopressor that is not one of the lists.
    """
    _known_words(signs)
    warnings = tuple(_warnings(signs))
    if signs.death_due_to_crs:
        return Grading(5, Status.FINAL, RULE_VERSION, (Driver("death", 5),), warnings)
    fever = _fever(signs)
    exempt = _exempt(signs)
    if not (fever.worst or exempt):
        return Grading(0, Status.FINAL, RULE_VERSION, (), warnings)
    behind: tuple[Axis, ...] = (_hypotension(signs), _hypoxia(signs))
    if not fever.known and signs.fever_masked is None:  # what counts only if drugs hide the fever
        behind = tuple(replace(axis, unsure=axis.unsure or axis.known > 0) for axis in behind)
    axes = (fever, *behind)
    if not (fever.known or exempt):  # nobody measured: nothing behind the gate is graded
        return Grading(None, Status.NOT_GRADEABLE, RULE_VERSION, (), warnings)
    return settle(axes, RULE_VERSION, warnings)


def is_fever(temp_c: Decimal) -> bool:
    """Whether a temperature in degrees Celsius is a fever: 38.0 and above, never rounded."""
    return temp_c >= FEVER_C


def _exempt(signs: CrsSigns) -> bool:
    """Whether an established CRS may go on without fever: nobody denied that drugs hide it."""
    return signs.crs_established and signs.fever_masked is not False


def _known_words(signs: CrsSigns) -> None:
    unknown = set(signs.vasopressors or ()) - set(VASOPRESSORS)
    if signs.o2_device is not None and signs.o2_device not in DEVICES:
        unknown.add(signs.o2_device)
    if signs.ppv_reason is not None and signs.ppv_reason not in PPV_REASONS:
        unknown.add(signs.ppv_reason)
    if unknown:
        raise ValueError(f"unknown: {sorted(unknown)}")


def _fever(signs: CrsSigns) -> Axis:
    if signs.temp_c is None:
        return Axis("fever", 0, 1)
    if not is_fever(signs.temp_c) or signs.fever_other_cause:
        return Axis("fever", 0, 0)
    return Axis("fever", 1, 1, unsure=signs.fever_other_cause is None)


def _hypotension(signs: CrsSigns) -> Axis:
    """By what it requires: a vasopressor that is given counts whatever was said beside it."""
    pressors = signs.vasopressors
    if pressors:
        grade = 4 if len(pressors - {"vasopressin"}) >= 2 else 3  # vasopressin alone: 3 [conv]
        return Axis("hypotension", grade, grade)
    if signs.hypotension is False:
        return Axis("hypotension", 0, 0)
    most = _WORST if pressors is None else 2
    return Axis("hypotension", 2 if signs.hypotension else 0, most)


def _hypoxia(signs: CrsSigns) -> Axis:
    device = signs.o2_device
    if _contradicted(signs):
        return Axis("hypoxia", 0, _WORST)
    if device == "none" or (signs.o2_is_baseline and device in _USUAL):  # unchanged [conv]
        return Axis("hypoxia", 0, 0)
    if device is None:
        return Axis("hypoxia", 0, _WORST)
    if device in PRESSURE:
        return _pressure(signs.ppv_reason)
    if device in _HIGH_FLOW:  # a mask is 3 whatever its flow
        return Axis("hypoxia", 3, 3)
    if device == "nasal_cannula":
        if signs.o2_flow_lpm is None:
            return Axis("hypoxia", 2, 3)
        grade = 2 if signs.o2_flow_lpm <= LOW_FLOW_LPM else 3
        return Axis("hypoxia", grade, grade)
    return Axis("hypoxia", 2, 2)


def _contradicted(signs: CrsSigns) -> bool:
    """Whether oxygen flows through nothing: one of the two is wrong, and nobody knows which."""
    return signs.o2_device == "none" and bool(signs.o2_flow_lpm)


def _pressure(reason: str | None) -> Axis:
    """Only for hypoxia: to protect the airway, as in ICANS, it contributes nothing.

    Another reason does not say that there is no hypoxia.
    """
    if reason == "airway_protection":
        return Axis("hypoxia", 0, 0)
    if reason == "other":
        return Axis("hypoxia", 0, _WORST)
    return Axis("hypoxia", 4, 4, unsure=reason is None)


def _warnings(signs: CrsSigns) -> Iterator[Warning]:
    measured = signs.temp_c is not None and is_fever(signs.temp_c)
    fever = measured and not signs.fever_other_cause
    behind = max(_hypotension(signs).known, _hypoxia(signs).known)
    exempt = _exempt(signs)
    if exempt and signs.fever_masked is None and not fever:
        yield Warning(
            "masking_needed",
            N_(
                "Say whether a drug may hide the fever: an antipyretic, an anticytokine or a "
                "steroid since CRS began. Until then CRS is taken to go on."
            ),
        )
    if behind and signs.crs_established and not (fever or exempt) and signs.temp_c is not None:
        yield Warning(
            "fever_not_masked",
            N_(
                "Not CRS by definition: the fever is gone and no drug hides it. "
                "Look for another cause."
            ),
        )
    elif behind and not (fever or exempt) and signs.temp_c is not None:
        yield Warning(
            "crs_never_established",
            N_("Not CRS by definition: no fever is attributed to it. Look for another cause."),
        )
    if signs.temp_c is None and not exempt:
        yield Warning("temperature_needed", N_("Measure the temperature: CRS begins with fever."))
    if signs.vasopressors and signs.hypotension is False:
        yield Warning(
            "vasopressor_without_hypotension",
            N_("A vasopressor is given and hypotension is denied: the vasopressor is graded."),
        )
    uncounted = signs.o2_is_baseline  # the usual oxygen at home
    if signs.o2_device == "nasal_cannula" and signs.o2_flow_lpm is None and not uncounted:
        yield Warning("flow_needed", N_("Say the flow of oxygen: above 6 L/min is grade 3."))
    if _contradicted(signs):
        yield Warning(
            "flow_without_device", N_("Oxygen flows and no device is named: say through what.")
        )
    if signs.o2_device in PRESSURE and signs.ppv_reason in (None, "other"):
        yield Warning(
            "reason_needed",
            N_("Say whether hypoxia is why the patient is ventilated: without it, it is not CRS."),
        )
    if exempt and signs.fever_masked and not fever and not behind:
        yield _over_or_not_known(signs)


def _over_or_not_known(signs: CrsSigns) -> Warning:
    """Of an established CRS without a sign: whether all of it was looked at."""
    if signs.temp_c is None or _hypotension(signs).worst or _hypoxia(signs).worst:
        return Warning(
            "signs_not_known",
            N_("Not all of it was looked at: nobody can say yet that no sign of CRS is left."),
        )
    return Warning(
        "resolution_candidate",
        N_("No sign of CRS is left: a clinician confirms its resolution."),
    )
