"""A grade that was stored, with the signs behind it, as the words of its scale take them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from toxicity.checks import ScaleGrade
from toxicity.domain.crs import CrsSigns, is_fever
from toxicity.domain.grading import Driver, Grading, Status, Warning
from toxicity.domain.scales import Scale
from toxicity.domain.signs import crs_signs, icans_signs, iec_hs_signs
from toxicity.wording import Signs


def grading_of(found: ScaleGrade) -> Grading:
    """What the scale answered then."""
    return Grading(
        grade=found.found,
        status=Status(found.status),
        rule_version=found.rule_version,
        drivers=tuple(Driver(one["code"], one["grade"]) for one in found.drivers),
        warnings=tuple(
            Warning(one["code"], one["message"], one.get("params", {})) for one in found.warnings
        ),
    )


def signs_of(scale: str, said: Mapping[str, Any], grading: Grading) -> Signs:
    """The signs of one scale; of CRS with what earlier checks said of it, as the grade tells."""
    if scale == Scale.CRS:
        return _with_its_past(crs_signs(said), grading)
    return icans_signs(said) if scale == Scale.ICANS else iec_hs_signs(said)


def _with_its_past(signs: CrsSigns, grading: Grading) -> CrsSigns:
    """Without fever only an established CRS whose fever is masked is graded, or found to be over.

    Both are known from earlier checks and treatments, and so are not among the signs of this one.
    """
    fever = signs.temp_c is not None and is_fever(signs.temp_c) and not signs.fever_other_cause
    behind = any(driver.code in ("hypotension", "hypoxia") for driver in grading.drivers)
    codes = {one.code for one in grading.warnings}
    over = not codes.isdisjoint({"resolution_candidate", "signs_not_known"})
    if codes & {"masking_needed", "masking_contradicted"}:
        return replace(signs, crs_established=True, fever_masked=None)
    if fever or not (behind or over):
        return signs
    return replace(signs, crs_established=True, fever_masked=True)
