"""What the case series says of the toxicity of its four patients, and signs that give just that.

Grade, day of onset and duration stand in Table 2; which signs gave them, the hour of a check and
each count are invented and marked synthetic. Days of neutropenia are counted from day 0. Table 2 is
followed where text and table differ (D02, D03); the syndrome of the second case stands in the text
only, and could be the third's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from config.demo_data.assessed import PAPER, SYNTHETIC, UNDATED
from config.demo_data.stretches import days
from config.demo_data.walking import Walk
from terms.day_numbers import add_months
from toxicity.domain.iec_hs import IecHsSigns

Span = tuple[int, int]  # the first and the last day
_EVERY_DAYS, _LAST_COUNT = 8, 60  # counts after the discharge; shorter gaps are filled
_B_CELL_MONTHS = 12
_IEC_HS_DAYS = 2
_NADIR, _LOW, _RECOVERED = "0.05", "0.30", "1.80"


@dataclass(frozen=True)
class Dose:
    """What was given on a day; without `mg` the paper does not say how much."""

    day: int
    drug: str
    purpose: str
    mg: str = ""
    times: int = 1
    tapering: bool = False


@dataclass(frozen=True)
class Bedside:
    """One case after its infusion."""

    neutropenic: Span
    recovered_month: int | None  # the first of two samples with B cells; None: not yet
    crs: Span | None = None
    icans: Span | None = None
    flare: int | None = None  # a day on which ICANS was gone in the morning and back at night
    doses: tuple[Dose, ...] = ()
    infection: tuple[str, int, int] | None = None  # organism of a line, first day, last day
    iec_hs: int | None = None


def _toxic(first: int, last: int) -> tuple[Dose, ...]:
    """Two doses of tocilizumab, then dexamethasone 40 mg a day, as the text says of all three."""
    anti = tuple(Dose(day, "tocilizumab", "crs") for day in (first + 1, first + 2))
    steroid = tuple(
        Dose(day, "dexamethasone", "crs", mg="40") for day in range(first + 2, last + 1)
    )
    return (*anti, *steroid)


CASES: Mapping[int, Bedside] = {
    1: Bedside(
        neutropenic=(0, 12),
        recovered_month=5,
        icans=(1, 12),
        flare=7,
        doses=(
            *(Dose(day, "dexamethasone", "icans", mg="40") for day in range(1, 5)),
            *(Dose(day, "dexamethasone", "icans", mg="20", tapering=True) for day in (5, 6)),
            *(Dose(day, "methylprednisolone", "icans", mg="500") for day in (8, 9)),
        ),
        infection=("e_coli", 9, 16),
    ),
    2: Bedside(neutropenic=(3, 9), recovered_month=10, crs=(3, 6), doses=_toxic(3, 6), iec_hs=10),
    3: Bedside(
        neutropenic=(2, 9),
        recovered_month=None,
        crs=(0, 6),
        icans=(10, 12),
        doses=(
            *_toxic(0, 6),
            *(Dose(day, "dexamethasone", "icans", mg="20", times=4) for day in (10, 11, 12)),
        ),
    ),
    4: Bedside(
        neutropenic=(0, 11),
        recovered_month=6,
        crs=(1, 3),
        icans=(5, 6),
        doses=_toxic(1, 3),
        infection=("s_epidermidis", 8, 11),
    ),
}


def at_the_bedside(walk: Walk, number: int, day_zero: date, until: int) -> None:
    """Everything of a case from day 0 to the day before it goes home."""
    case = CASES[number]
    for day in range(until):
        on = days(day_zero, day)
        if day in _counted_days(case, until):
            walk.at(on, 7 if day else 17).counted(_values(case, day))
        walk.at(on, 10 if day else 18)
        _checked(walk, case, day, on)
        for dose in case.doses:
            if dose.day == day:
                walk.treated(
                    dose.drug, dose.purpose, dose.mg, times=dose.times, tapering=dose.tapering,
                    source=UNDATED,
                )  # fmt: skip
        if case.iec_hs is not None:
            _hyperinflamed(walk, on, day - case.iec_hs)
        if case.infection is not None and day == case.infection[2]:
            organism, first, last = case.infection
            walk.at(on, 21).infected(
                organism, "catheter", days(day_zero, first), days(day_zero, last), source=UNDATED
            )


def _checked(walk: Walk, case: Bedside, day: int, on: date) -> None:
    """The checks of a day. The haematologist confirms every sign, and then that it is over."""
    flaring = day == case.flare
    walk.seen(crs=_in(case.crs, day), icans=0 if flaring else 2 * _in(case.icans, day))
    if flaring:
        walk.at(on, 20).seen(icans=2, remark="Drowsy again during the taper.")
    for scale, span in (("crs", case.crs), ("icans", case.icans)):
        if span is not None and span[0] <= day <= span[1] + 1:
            walk.agreed(scale)


def at_home(
    number: int, day_zero: date, discharged_on: date, last: date
) -> dict[date, dict[str, tuple[str, str]]]:
    """Counts after the discharge, by day up to `last`; B cells once a month through the year.

    The paper counts months at the end of follow-up: the latest sample is of the last day.
    """
    recovered = CASES[number].recovered_month
    found: dict[date, dict[str, tuple[str, str]]] = {}
    end = days(day_zero, _LAST_COUNT)
    on = days(discharged_on, 2)
    while on < end:
        found[on] = {"ANC": (_RECOVERED, "10*9/L"), "PLT": ("140", "10*9/L")}
        on = days(on, _EVERY_DAYS)
    found[end] = {"ANC": (_RECOVERED, "10*9/L"), "PLT": ("140", "10*9/L")}
    for month in range(1, _B_CELL_MONTHS + 1):
        back = recovered is not None and month >= recovered
        sampled = min(add_months(day_zero, month), last)
        found.setdefault(sampled, {})["CD19"] = ("35" if back else "0", "/uL")
    return found


def _counted_days(case: Bedside, until: int) -> set[int]:
    first, last = case.neutropenic
    edges = {0, first - 1, first, (first + last) // 2, last, last + 1, until - 1}
    return {day for day in edges if 0 <= day < until}


def _values(case: Bedside, day: int) -> dict[str, tuple[str, str]]:
    first, last = case.neutropenic
    middle = (first + last) // 2
    low = first <= day <= last
    hot = _in(case.crs, day)
    anc = _NADIR if day == middle else _LOW if low else "0.90"
    return {
        "ANC": (anc, "10*9/L"),
        "PLT": ("28" if low else "75", "10*9/L"),
        "CRP": ("86" if hot else "12", "mg/L"),
        "FERRITIN": ("1450" if hot else "720", "ng/mL"),
    }


def _hyperinflamed(walk: Walk, on: date, since: int) -> None:
    """IEC-HS grade 2, over `since` two days later; the paper does not say on which days.

    Ferritin and fibrinogen are those that it prints.
    """
    if since == _IEC_HS_DAYS:
        walk.iec_hs(IecHsSigns(confirmed=True, over=True), "", source=SYNTHETIC)
    if since != 0:
        return
    walk.at(on, 15)
    for analyte, value, unit in (("FIBRINOGEN", "118", "mg/dL"), ("FERRITIN", "3536", "ng/mL")):
        values = {"analyte": analyte, "value": value, "unit": unit, "context": "IEC-HS"}
        walk.entry("lab", source=PAPER, by="physician", on="", **values)
    signs = IecHsSigns(
        ferritin=Decimal(3536),
        ferritin_uln=Decimal(300),
        fibrinogen=Decimal(118),
        cytopenia_g4_new=True,
        other_cause=False,
        confirmed=True,
        intervention=True,
        severe=False,
        life_threatening=False,
        death=False,
    )
    remark = "IEC-HS grade 2 in the text only; the day is not given and the patient is not certain."
    walk.iec_hs(signs, remark, source=PAPER).agreed("iec_hs")
    walk.treated("dexamethasone", "iec_hs", "40", times=2, source=UNDATED)


def _in(span: Span | None, day: int) -> int:
    """1 on the days of a span, 0 on others."""
    return int(span is not None and span[0] <= day <= span[1])
