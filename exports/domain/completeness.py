"""How much of what the tables ask of a course is known."""

from exports.domain.counted import Counted
from exports.domain.summaries import Value


def cells_of(one: Counted) -> tuple[bool, ...]:
    """Of each cell of Tables 1 and 2 that applies: whether it is known."""
    before = (one.disease, one.risk, one.first_line, one.response, one.allo_hsct, one.enrolled_on)
    told = [bool(cell) for cell in before]
    if one.collected_on is not None:
        told += [_is_known(one.days_to_apheresis), one.bridging is not None]
    if one.infused:
        graded = (one.of_scale("crs").grade, one.of_scale("icans").grade, one.ecog)
        told += [bool(one.disease_status), *(grade is not None for grade in graded)]
        told += [_is_known(cell) for cell in (one.stay, one.neutropenia, one.aplasia)]
    return tuple(told)


def _is_known(value: Value | None) -> bool:
    """Whether a length is; what does not apply is known not to."""
    return value is None or value.length is not None
