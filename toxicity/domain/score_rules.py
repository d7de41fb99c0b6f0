"""What a protocol says about the scores of a chart: windows, ages and thresholds that sites set."""

from dataclasses import dataclass
from decimal import Decimal

from protocol.domain.reading import Setting, TableReader

LOWEST, SECOND_LOWEST = "lowest", "second_lowest"


@dataclass(frozen=True)
class ScoreRules:
    """Days are counted from day 0 unless said otherwise; CD19+ cells per microlitre."""

    before_depletion_days: Setting[int]  # how old a value before lymphodepletion may be
    late_until_day: Setting[int]  # the last day of late ICAHT
    late_way: Setting[str]  # whether the lowest or the second-lowest count gives its grade
    neutropenia_until_day: Setting[int]
    easix_until_day: Setting[int]
    b_cell_threshold: Setting[Decimal]  # aplasia is below it
    igg_days: Setting[int]  # how old an IgG may be to be thought about
    infection_days: Setting[int]  # how far back bacterial infections count for it
    serious_infection: Setting[int]  # from which severity an infection is serious
    iec_hs_days: Setting[int]  # how old a result may be in the screen for IEC-HS
    baseline_days: Setting[int]  # how long before day 0 a value still is the one at infusion


def read_scores(reader: TableReader) -> ScoreRules:
    """Parse `[toxicity.scores]`."""
    return ScoreRules(
        before_depletion_days=reader.whole_number("before_depletion_days", 1, 60),
        # Longer windows need a longest interval between the two values, which is not computed yet.
        late_until_day=reader.whole_number("late_until_day", 31, 100),
        late_way=reader.choice("late_way", (LOWEST, SECOND_LOWEST)),
        neutropenia_until_day=reader.whole_number("neutropenia_until_day", 1, 365),
        easix_until_day=reader.whole_number("easix_until_day", 1, 100),
        b_cell_threshold=reader.decimal_number("b_cell_threshold", "1", "200"),
        igg_days=reader.whole_number("igg_days", 1, 365),
        infection_days=reader.whole_number("infection_days", 1, 730),
        serious_infection=reader.whole_number("serious_infection", 2, 5),
        iec_hs_days=reader.whole_number("iec_hs_days", 1, 14),
        baseline_days=reader.whole_number("baseline_days", 0, 60),
    )
