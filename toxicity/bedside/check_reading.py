"""What a filled form says as signs, and what signs say in a form: one the inverse of the other."""

from collections.abc import Iterator, Mapping
from typing import Any

from toxicity.bedside.fields import NO, NOT_KNOWN, YES
from toxicity.bedside.signs_fields import FLUIDS, ICE_ITEMS, LOW, NORMAL, PRESSORS
from toxicity.domain.crs import CrsSigns
from toxicity.domain.icans import IcansSigns, IceItems

Values = Mapping[str, Any]


def crs_of(given: Values) -> CrsSigns | None:
    """The signs of CRS; None where nothing was answered."""
    said = given.get("pressure")
    ticked = frozenset(given.get("vasopressors") or ())
    signs = CrsSigns(
        temp_c=given.get("temp_c"),
        fever_other_cause=given.get("fever_other_cause"),
        fever_masked=given.get("fever_masked"),
        hypotension=None if said is None else said != NORMAL,
        vasopressors=frozenset() if said in (NORMAL, FLUIDS) else ticked or None,
        o2_device=given.get("o2_device"),
        o2_flow_lpm=given.get("o2_flow_lpm"),
        o2_is_baseline=bool(given.get("o2_is_baseline")),
        ppv_reason=given.get("ppv_reason"),
        death_due_to_crs=bool(given.get("death_due_to_crs")),
    )
    return None if signs == CrsSigns() else signs


def icans_of(given: Values) -> IcansSigns | None:
    """The signs of ICANS; None where nothing was answered."""
    signs = IcansSigns(
        ice=IceItems(**{name: given.get(f"ice_{name}") for name in ICE_ITEMS}),
        ice_total=given.get("ice_total"),
        ice_not_done_reason=given.get("ice_not_done_reason") or None,
        arousal=given.get("arousal"),
        sedated=bool(given.get("sedated")),
        seizure=given.get("seizure"),
        deep_motor_weakness=given.get("deep_motor_weakness"),
        icp=given.get("icp"),
        intracranial_haemorrhage=bool(given.get("intracranial_haemorrhage")),
        death_due_to_icans=bool(given.get("death_due_to_icans")),
        capd=given.get("capd"),
    )
    return None if signs == IcansSigns() else signs


def chosen_of(given: Values, scales: tuple[str, ...]) -> dict[str, int | None]:
    """The grades that were picked; None is not assessable, a scale left blank is left out."""
    picked = {scale: given.get(f"{scale}_grade") or "" for scale in scales}
    return {
        scale: None if grade == NOT_KNOWN else int(grade)
        for scale, grade in picked.items()
        if grade
    }


def typed_of(crs: CrsSigns | None, icans: IcansSigns | None) -> dict[str, Any]:
    """What a form would have to say for it to mean these signs; nothing for what is not known."""
    typed = {**_crs_typed(crs or CrsSigns()), **_icans_typed(icans or IcansSigns())}
    # A flow of 0 equals False, and is said all the same.
    return {n: v for n, v in typed.items() if v is not None and v is not False and v != []}


def _crs_typed(signs: CrsSigns) -> dict[str, Any]:
    return {
        "temp_c": signs.temp_c,
        "fever_other_cause": _said(signs.fever_other_cause),
        "fever_masked": _said(signs.fever_masked),
        "pressure": _pressure(signs),
        "vasopressors": sorted(signs.vasopressors or ()),
        "o2_device": signs.o2_device,
        "o2_flow_lpm": signs.o2_flow_lpm,
        "o2_is_baseline": signs.o2_is_baseline,
        "ppv_reason": signs.ppv_reason,
        "death_due_to_crs": signs.death_due_to_crs,
    }


def _icans_typed(signs: IcansSigns) -> dict[str, Any]:
    return {
        **dict(_ice_typed(signs.ice)),
        "ice_total": None if signs.ice_total is None else str(signs.ice_total),
        "ice_not_done_reason": signs.ice_not_done_reason,
        "capd": None if signs.capd is None else str(signs.capd),
        "arousal": signs.arousal,
        "sedated": signs.sedated,
        "seizure": signs.seizure,
        "deep_motor_weakness": _said(signs.deep_motor_weakness),
        "icp": signs.icp,
        "intracranial_haemorrhage": signs.intracranial_haemorrhage,
        "death_due_to_icans": signs.death_due_to_icans,
    }


def _ice_typed(items: IceItems) -> Iterator[tuple[str, str]]:
    for name in ICE_ITEMS:
        score = getattr(items, name)
        if score is not None:
            yield f"ice_{name}", str(score)


def _said(value: bool | None) -> str | None:
    return None if value is None else YES if value else NO


def _pressure(signs: CrsSigns) -> str | None:
    """The answer about the pressure. A vasopressor that is given counts whatever else was said."""
    if signs.vasopressors:
        return PRESSORS
    if signs.hypotension:
        return FLUIDS if signs.vasopressors is not None else LOW
    return NORMAL if signs.hypotension is False else None
