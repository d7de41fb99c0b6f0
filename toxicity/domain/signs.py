"""Signs as kept: plain JSON by scale, numbers as exact text, what is not known left out."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from decimal import Decimal
from typing import Any, TypeVar

from toxicity.domain.crs import CrsSigns
from toxicity.domain.icans import IcansSigns, IceItems
from toxicity.domain.iec_hs import IecHsSigns

Signs = CrsSigns | IcansSigns | IecHsSigns
S = TypeVar("S", CrsSigns, IecHsSigns)
# Whether a drug hides the fever. It was a tick once, and one not set said nothing: its false is
# read as not known, and an answer is kept as a word.
_HIDDEN = "fever_masked"
_ANSWERS: Mapping[Any, bool | None] = {True: True, False: None, "yes": True, "no": False}
# The fields that are exact numbers and not whole ones.
_CRS_NUMBERS = frozenset({"temp_c", "o2_flow_lpm"})
_IEC_HS_NUMBERS = frozenset(
    name
    for name in (one.name for one in fields(IecHsSigns))
    if name.startswith(("ferritin", "ast", "alt", "fibrinogen")) and name != "ferritin_rapid_rise"
)


def kept(signs: Signs) -> dict[str, Any]:
    """The signs as JSON keeps them."""
    found = {name: _plain(value) for name, value in asdict(signs).items() if value is not None}
    return found | ({_HIDDEN: "yes" if found[_HIDDEN] else "no"} if _HIDDEN in found else {})


def shown(said: Mapping[str, Any]) -> dict[str, Any]:
    """What was kept of one scale as whoever asks is told: true and false, null for not known."""
    return {**said, **({_HIDDEN: _ANSWERS[said[_HIDDEN]]} if _HIDDEN in said else {})}


def crs_signs(said: Mapping[str, Any]) -> CrsSigns:
    """The signs of CRS from what was kept."""
    pressors = said.get("vasopressors")
    told = _numbers(shown(said), _CRS_NUMBERS)
    told["vasopressors"] = None if pressors is None else frozenset(pressors)
    return CrsSigns(**told)


def icans_signs(said: Mapping[str, Any]) -> IcansSigns:
    """The signs of ICANS from what was kept."""
    return IcansSigns(**{**said, "ice": IceItems(**said.get("ice", {}))})


def iec_hs_signs(said: Mapping[str, Any]) -> IecHsSigns:
    """The signs of IEC-HS from what was kept."""
    return IecHsSigns(**_numbers(said, _IEC_HS_NUMBERS))


def _numbers(said: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: Decimal(value) if name in names else value for name, value in said.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, dict):
        return {name: one for name, one in value.items() if one is not None}
    return value
