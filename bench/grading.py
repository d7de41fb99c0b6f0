"""How long the grading of one bedside assessment takes: CRS, ICANS and IEC-HS, without any I/O."""

import time
from decimal import Decimal
from statistics import median

from toxicity.domain.crs import CrsSigns, grade_crs
from toxicity.domain.icans import IcansSigns, IceItems, grade_icans
from toxicity.domain.iec_hs import IecHsSigns, grade_iec_hs

_EACH = 200
_CRS = CrsSigns(
    temp_c=Decimal("38.6"),
    fever_other_cause=False,
    hypotension=True,
    vasopressors=frozenset({"norepinephrine", "vasopressin"}),
    o2_device="nasal_cannula",
    o2_flow_lpm=Decimal(4),
)
_ICANS = IcansSigns(
    ice=IceItems(year=1, month=1, city=1, hospital=1, command=1, sentence=0, attention=0, naming=2),
    arousal="voice",
    seizure="none",
    deep_motor_weakness=False,
)
_IEC_HS = IecHsSigns(
    ferritin=Decimal(3536),
    ferritin_uln=Decimal(300),
    fibrinogen=Decimal(118),
    confirmed=True,
    intervention=True,
)


def measure_grading(rounds: int) -> float:
    """Microseconds of processor time that one assessment takes on all three scales: the median.

    Not by the clock on the wall, which counts what else the machine does.
    """
    took = []
    for _ in range(rounds):
        start = time.thread_time()
        for _ in range(_EACH):
            grade_crs(_CRS)
            grade_icans(_ICANS)
            grade_iec_hs(_IEC_HS)
        took.append((time.thread_time() - start) / _EACH * 1_000_000)
    return median(took)
