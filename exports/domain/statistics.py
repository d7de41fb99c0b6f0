"""The statistics of a cohort: what each is called, how it is counted, whom it concerns."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from exports.domain.counted import Counted, in_months
from exports.domain.summaries import Definition, Summary, Value, summary_of
from exports.domain.tally import Tally
from terms.words import N_

Lengths = Callable[[Counted], Value | None]

_DEFINITIONS = (
    Definition(
        "enrolment_to_apheresis_days",
        N_("Enrolment to leukapheresis"),
        N_("Days from enrolment to the first leukapheresis, of those collected or infused."),
        "days",
    ),
    Definition(
        "hospital_stay_days",
        N_("Hospital stay"),
        N_(
            "Days from the admission to the discharge of the stay with the infusion in it, "
            "lymphodepletion included where it was given there. Still in hospital is censored."
        ),
        "days",
    ),
    Definition(
        "neutropenia_days",
        N_("Neutropenia"),
        N_(
            "Days from day 0 to the last day of the protocol's window (day 60 as shipped) with "
            "neutrophils below 500 per microlitre; up to 7 days without a count are filled on the "
            "straight line. With longer gaps it is missing; before the window ends it is censored."
        ),
        "days",
    ),
    Definition(
        "crs_onset_day",
        N_("CRS, onset"),
        N_("Day of the first sign, day 0 being the infusion, of those affected."),
        "days",
    ),
    Definition(
        "crs_duration_days",
        N_("CRS, duration"),
        N_(
            "Days from the first to the last with signs, both included, all episodes together, of "
            "those affected. An episode that nobody has said to be over is censored."
        ),
        "days",
    ),
    Definition(
        "icans_onset_day",
        N_("ICANS, onset"),
        N_("Day of the first sign, day 0 being the infusion, of those affected."),
        "days",
    ),
    Definition(
        "icans_duration_days",
        N_("ICANS, duration"),
        N_(
            "Days from the first to the last with signs, both included, all episodes together, of "
            "those affected. An episode that nobody has said to be over is censored."
        ),
        "days",
    ),
    Definition(
        "b_cell_aplasia_months",
        N_("B-cell aplasia"),
        N_(
            "Whole months from the infusion to the first of two samples in a row at or above the "
            "protocol's threshold, of those who fell below it. Not back at the last sample is "
            "censored: the median is then Kaplan and Meier's, the first month with S ≤ ½."
        ),
        "months",
    ),
    Definition(
        "follow_up_months",
        N_("Follow-up"),
        N_(
            "Whole months from the infusion to the death or the last contact, of those infused. A "
            "contact is a result, a check at the bedside, a stay, an answered call, or a task of "
            "the schedule that nurses or haematologists have done."
        ),
        "months",
    ),
    Definition(
        "age_years",
        N_("Age"),
        N_("Completed years at the infusion; at enrolment of those never infused."),
        "years",
    ),
)
ASKED: Mapping[str, Lengths] = MappingProxyType(
    {
        "enrolment_to_apheresis_days": lambda one: one.days_to_apheresis,
        "hospital_stay_days": lambda one: one.stay,
        "neutropenia_days": lambda one: one.neutropenia,
        "crs_onset_day": lambda one: one.of_scale("crs").onset if one.infused else None,
        "crs_duration_days": lambda one: one.of_scale("crs").duration if one.infused else None,
        "icans_onset_day": lambda one: one.of_scale("icans").onset if one.infused else None,
        "icans_duration_days": lambda one: one.of_scale("icans").duration if one.infused else None,
        "b_cell_aplasia_months": lambda one: in_months(one.aplasia),
        "follow_up_months": lambda one: one.follow_up,
        "age_years": lambda one: Value(one.age),
    }
)
STATISTICS: Mapping[str, Definition] = MappingProxyType({one.code: one for one in _DEFINITIONS})


def statistics_of(tally: Tally) -> dict[str, Summary]:
    """Every statistic by its code, in the order of the definitions."""
    return {code: summary_of(tally.lengths(code)) for code in STATISTICS}
