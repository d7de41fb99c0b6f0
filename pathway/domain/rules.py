"""The rules that the pathway reads from a protocol: targets, washouts, intervals, gates."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from pathway.domain import (
    cell_dose,
    custody_ranges,
    eligibility_items,
    gate_rules,
    product_rules,
    reasons,
    suggesting,
    texts,
)
from pathway.domain.cell_dose import CellDose
from pathway.domain.custody_ranges import CustodyRanges
from pathway.domain.eligibility_items import EligibilityItems
from pathway.domain.gate_rules import Gates
from pathway.domain.identity_checks import IdentityCheckRules, read_identity_checks
from pathway.domain.product_rules import FailureReasons, Loss, ProductRules
from pathway.domain.reasons import ExitReasons
from patients.domain.ranges import BodyRules, Ranges
from patients.domain.washouts import Washouts, read_washouts
from protocol.domain.loading import ParsedProtocol, SectionParser
from protocol.domain.reading import SMALL_CODE, Setting, TableReader
from terms.words import N_, Bilingual

# follow_up and the ends have no target: nobody is late in them
STAGES_WITH_TARGET = (
    "referral",
    "eligibility",
    "apheresis",
    "bridging",
    "lymphodepletion",
    "infusion",
)


@dataclass(frozen=True)
class StageTargets:
    """Days a course should take in each stage, by stage code."""

    target_days: Mapping[str, Setting[int]]

    def of(self, stage: str) -> int | None:
        """The target of `stage` in days; None for a stage that has none."""
        target = self.target_days.get(stage)
        return None if target is None else target.value


@dataclass(frozen=True)
class Eligibility:
    """Who may be treated under this protocol; ages in completed years."""

    minimum_age: Setting[int]
    maximum_age: Setting[int] | None  # None where the product's label has no upper end


@dataclass(frozen=True)
class Apheresis:
    """What a collection should reach, in 10^9 CD3+ cells, and how often it is tried."""

    cd3_minimum: Setting[Decimal]
    cd3_target: Setting[Decimal]
    attempts_before_mdt: Setting[int]
    slot_within_days: Setting[int]  # after the collection, at the manufacturer


@dataclass(frozen=True)
class RegimenDrug:
    """One drug of the lymphodepletion: mg per m2 on each of its days, counted from day 0."""

    drug: str
    label: Bilingual
    dose_mg_per_m2: Setting[int]
    days: Setting[tuple[int, ...]]


@dataclass(frozen=True)
class Lymphodepletion:
    """The regimen given from the planned day 0 backwards."""

    drugs: tuple[RegimenDrug, ...]

    @property
    def first_day(self) -> int:
        """The day number of the first dose, such as -4."""
        return min(day for drug in self.drugs for day in drug.days.value)

    @property
    def last_day(self) -> int:
        """The day number of the last dose, such as -2."""
        return max(day for drug in self.drugs for day in drug.days.value)

    def drug_named(self, typed: str) -> RegimenDrug | None:
        """The drug that somebody names in words such as `Fludarabine i.v.`; None for another."""
        words = typed.casefold()
        for drug in self.drugs:
            names = (drug.drug.replace("_", " "), drug.label.en, drug.label.it)
            if any(name.casefold() in words for name in names):
                return drug
        return None


@dataclass(frozen=True)
class Intervals:
    """Times between two events: days unless the name says hours or years."""

    ld_end_to_infusion_min: Setting[int]
    ld_end_to_infusion_max: Setting[int]
    infusion_hold_clock_days: Setting[int]
    irradiated_blood_days_after_infusion: Setting[int]
    follow_up_years: Setting[int]
    bridging_last_dose_to_ld: Mapping[str, Setting[int]]


@dataclass(frozen=True)
class PathwayRules:
    """Everything the guards of the pathway read from the protocol a course is pinned to."""

    stages: StageTargets
    eligibility: Eligibility
    washouts: Washouts
    apheresis: Apheresis
    lymphodepletion: Lymphodepletion
    intervals: Intervals
    cell_dose: CellDose
    product: ProductRules
    failure_reasons: FailureReasons
    loss: Loss
    exit_reasons: ExitReasons
    identity_checks: IdentityCheckRules
    items: EligibilityItems
    gates: Gates
    custody: CustodyRanges
    ranges: Ranges
    body: BodyRules

    @classmethod
    def of(cls, protocol: ParsedProtocol) -> Self:
        """The pathway's sections of `protocol`, gathered."""
        return cls(
            stages=protocol.section("stages", StageTargets),
            eligibility=protocol.section("eligibility", Eligibility),
            washouts=protocol.section("washouts", Washouts),
            apheresis=protocol.section("apheresis", Apheresis),
            lymphodepletion=protocol.section("lymphodepletion", Lymphodepletion),
            intervals=protocol.section("intervals", Intervals),
            cell_dose=protocol.section("cell_dose", CellDose),
            product=protocol.section("product", ProductRules),
            failure_reasons=protocol.section("failure_reasons", FailureReasons),
            loss=protocol.section("loss", Loss),
            exit_reasons=protocol.section("exit_reasons", ExitReasons),
            identity_checks=protocol.section("identity_checks", IdentityCheckRules),
            items=protocol.section("eligibility_items", EligibilityItems),
            gates=protocol.section("gates", Gates),
            custody=protocol.section("custody", CustodyRanges),
            ranges=protocol.section("ranges", Ranges),
            body=protocol.section("body", BodyRules),
        )

    @property
    def minimum_age(self) -> Setting[int]:
        """Least age at referral, in completed years."""
        return self.eligibility.minimum_age

    @property
    def maximum_age(self) -> Setting[int] | None:
        """Greatest age at referral, in completed years; None when there is none."""
        return self.eligibility.maximum_age

    @property
    def follow_up_years(self) -> Setting[int]:
        """Years after the infusion through which a course is followed."""
        return self.intervals.follow_up_years

    @property
    def depletion_to_infusion_days(self) -> tuple[int, int]:
        """Least and most days from the end of lymphodepletion to the infusion, both included."""
        return (
            self.intervals.ld_end_to_infusion_min.value,
            self.intervals.ld_end_to_infusion_max.value,
        )

    def target_days(self, stage: str) -> int | None:
        """Days a course should take in `stage`; None where nobody is late."""
        return self.stages.of(stage)

    def washout_days(self, drug_class: str) -> int | None:
        """Least days from the last dose to apheresis; None for a class without washout."""
        washout = self.washouts.by_class.get(drug_class)
        return None if washout is None else washout.min_days.value

    def bridging_washout_days(self, drug_class: str) -> int | None:
        """Least days from the last bridging dose to lymphodepletion; None without a rule."""
        washout = self.intervals.bridging_last_dose_to_ld.get(drug_class)
        return None if washout is None else washout.value


def read_stages(reader: TableReader) -> StageTargets:
    """Parse `[stages.<stage>]`: a target of 0 to 365 days for every stage that has one."""
    return StageTargets(
        {
            stage: reader.child(stage).whole_number("target_days", 0, 365)
            for stage in STAGES_WITH_TARGET
        }
    )


def read_eligibility(reader: TableReader) -> Eligibility:
    """Parse `[eligibility]`; a maximum age may be left out and must not be below the minimum."""
    minimum, maximum = reader.whole_number("minimum_age", 0, 120), None
    if "maximum_age" in reader:
        maximum = reader.whole_number("maximum_age", 0, 120)
        if maximum.value < minimum.value:
            reader.problem("maximum_age", N_("must not be below minimum_age"))
    return Eligibility(minimum_age=minimum, maximum_age=maximum)


def read_apheresis(reader: TableReader) -> Apheresis:
    """Parse `[apheresis]`; the target must not be below the minimum."""
    minimum = reader.decimal_number("cd3_minimum", "0", "100")
    target = reader.decimal_number("cd3_target", "0", "100")
    if target.value < minimum.value:
        reader.problem("cd3_target", N_("must not be below cd3_minimum"))
    return Apheresis(
        minimum,
        target,
        reader.whole_number("attempts_before_mdt", 1, 9),
        reader.whole_number("slot_within_days", 0, 60),
    )


def read_lymphodepletion(reader: TableReader) -> Lymphodepletion:
    """Parse `[lymphodepletion.<drug>]`: at least one drug, all days before day 0."""
    drugs = tuple(
        RegimenDrug(
            drug=drug,
            label=row.bilingual("label"),
            dose_mg_per_m2=row.whole_number("dose_mg_per_m2", 1, 10_000),
            days=row.whole_numbers("days", -30, -1),
        )
        for drug, row in reader.children(SMALL_CODE)
    )
    if not drugs:
        reader.problem("", N_("must name at least one drug"))
    return Lymphodepletion(tuple(sorted(drugs, key=lambda drug: drug.days.value)))


def read_intervals(reader: TableReader) -> Intervals:
    """Parse `[intervals]`; the longest time to infusion must not be below the shortest."""
    shortest = reader.whole_number("ld_end_to_infusion_min", 0, 60)
    longest = reader.whole_number("ld_end_to_infusion_max", 0, 60)
    if longest.value < shortest.value:
        reader.problem("ld_end_to_infusion_max", N_("must not be below ld_end_to_infusion_min"))
    bridging = reader.child("bridging_last_dose_to_ld")
    return Intervals(
        ld_end_to_infusion_min=shortest,
        ld_end_to_infusion_max=longest,
        infusion_hold_clock_days=reader.whole_number("infusion_hold_clock_days", 0, 60),
        irradiated_blood_days_after_infusion=reader.whole_number(
            "irradiated_blood_days_after_infusion", 0, 3650
        ),
        follow_up_years=reader.whole_number("follow_up_years", 1, 50),
        bridging_last_dose_to_ld={
            drug_class: bridging.whole_number(drug_class, 0, 365)
            for drug_class in bridging.codes(SMALL_CODE)
        },
    )


SECTIONS: Mapping[str, SectionParser] = {
    "stages": read_stages,
    "eligibility": read_eligibility,
    "washouts": read_washouts,
    "apheresis": read_apheresis,
    "lymphodepletion": read_lymphodepletion,
    "intervals": read_intervals,
    **cell_dose.SECTIONS,
    **texts.SECTIONS,
    **product_rules.SECTIONS,
    **reasons.SECTIONS,
    **suggesting.SECTIONS,
    "identity_checks": read_identity_checks,
    **eligibility_items.SECTIONS,
    **gate_rules.SECTIONS,
    **custody_ranges.SECTIONS,
}
