"""The scales that have a page: their inputs in parts, what answers them, where they come from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from accounts.strict_inputs import StrictInput
from terms.words import N_
from toxicity.calculators import answers as a
from toxicity.domain import (
    b_cell_aplasia,
    car_hematotox,
    crs,
    easix,
    icaht,
    icans,
    iec_hs,
    t_icaht,
)
from toxicity.inputs import scales as i


@dataclass(frozen=True)
class Part:
    """Some inputs under a heading; without one they are the only part."""

    title: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Scale:
    """One calculator. Texts are msgids, but the source, which is cited as printed."""

    title: str
    lead: str
    inputs: type[StrictInput]
    answer: Callable[[dict[str, Any]], a.Answer]
    parts: tuple[Part, ...]
    rule_version: str
    source: str
    note: str = ""  # what everybody who reads the number has to know


_COUNTS = Part(
    N_("What ends the counting"), ("as_of", "death_date", "progression_date", "next_therapy_date")
)
_SERIES = Part(N_("Counts"), ("infusion_date", "series"))
_LEE = "Lee DW, Santomasso BD, Locke FL, et al. Biol Blood Marrow Transplant 2019;25:625-638"

SCALES: Mapping[str, Scale] = MappingProxyType(
    {
        "crs": Scale(
            title=N_("CRS"),
            lead=N_("Cytokine release syndrome, consensus grading of the ASTCT."),
            inputs=i.CrsIn,
            answer=a.answer_crs,
            parts=(
                Part(N_("Fever"),
                     ("temp_c", "fever_other_cause", "crs_established", "fever_masked")),
                Part(N_("Hypotension"), ("hypotension", "vasopressors")),
                Part(N_("Hypoxia"), ("o2_device", "o2_flow_lpm", "ppv_reason", "o2_is_baseline")),
                Part(N_("Outcome"), ("death_due_to_crs",)),
            ),
            rule_version=crs.RULE_VERSION,
            source=_LEE,
        ),
        "icans": Scale(
            title=N_("ICANS"),
            lead=N_("Neurotoxicity, consensus grading of the ASTCT, with the ICE score."),
            inputs=i.IcansIn,
            answer=a.answer_icans,
            parts=(
                Part(N_("ICE"),
                     ("ice_year", "ice_month", "ice_city", "ice_hospital", "ice_naming",
                      "ice_command", "ice_sentence", "ice_attention", "ice_total",
                      "ice_not_done_reason")),
                Part(N_("Signs"),
                     ("arousal", "seizure", "deep_motor_weakness", "icp", "sedated",
                      "intracranial_haemorrhage")),
                Part(N_("Children, and before the infusion"),
                     ("age_years", "capd", "baseline_ice")),
                Part(N_("Outcome"), ("death_due_to_icans",)),
            ),
            rule_version=icans.RULE_VERSION,
            source=_LEE,
        ),
        "iec-hs": Scale(
            title=N_("IEC-HS"),
            lead=N_("Hyperinflammatory syndrome like HLH: a screen, and a grade once confirmed."),
            inputs=i.IecHsIn,
            answer=a.answer_iec_hs,
            parts=(
                Part(N_("Ferritin"), ("ferritin", "ferritin_uln", "ferritin_baseline",
                                      "ferritin_rapid_rise")),
                Part(N_("Transaminases"), ("ast", "ast_uln", "ast_baseline", "alt", "alt_uln",
                                           "alt_baseline")),
                Part(N_("Other criteria"), ("fibrinogen", "fibrinogen_lln", "cytopenia_g4_new",
                                            "hemophagocytosis", "other_cause")),
                Part(N_("Confirmed, and how severe"),
                     ("confirmed", "over", "intervention", "severe", "life_threatening",
                      "death")),
            ),
            rule_version=iec_hs.RULE_VERSION,
            source="Hines MR, Knight TE, McNerney KO, et al. "
                   "Transplant Cell Ther 2023;29:438.e1-438.e16",
            note=N_("These criteria wait for the confirmation of each centre against the paper."),
        ),
        "icaht": Scale(
            title=N_("ICAHT"),
            lead=N_("Neutropenia after CAR-T cells, early and late, of EHA and EBMT."),
            inputs=i.IcahtIn,
            answer=a.answer_icaht,
            parts=(_SERIES, _COUNTS),
            rule_version=icaht.RULE_VERSION,
            source="Rejeski K, Subklewe M, Aljurf M, et al. Blood 2023;142:865-877; "
                   "Liang EC, R implementation, 2024",
            note=N_("Gaps up to 7 days are filled; longer ones are not known. A recovery of up to 2 days does not end a run."),  # noqa: E501
        ),
        "t-icaht": Scale(
            title=N_("T-ICAHT"),
            lead=N_("Thrombocytopenia after CAR-T cells, early and late."),
            inputs=i.TIcahtIn,
            answer=a.answer_t_icaht,
            parts=(_SERIES, _COUNTS),
            rule_version=t_icaht.RULE_VERSION,
            source="Rejeski K, Sanz J, Fei T, et al. Blood 2025, doi 10.1182/blood.2025028833",
            note=N_("Transfusions are not taken into account."),
        ),
        "car-hematotox": Scale(
            title=N_("CAR-HEMATOTOX"),
            lead=N_("Risk of long cytopenia, by the last values before lymphodepletion."),
            inputs=i.HematotoxIn,
            answer=a.answer_car_hematotox,
            parts=(Part("", ("plt", "anc", "hb", "crp", "ferritin")),),
            rule_version=car_hematotox.RULE_VERSION,
            source="Rejeski K, Perez A, Sesques P, et al. Blood 2021;138:2499-2513",
            note=N_("Derived in lymphoma: in B-ALL nearly everybody is at high risk by it."),
        ),
        "easix": Scale(
            title=N_("EASIX"),
            lead=N_("Indices of endothelial activation: numbers to follow, no grade."),
            inputs=i.EasixIn,
            answer=a.answer_easix,
            parts=(Part("", ("ldh", "creatinine", "plt", "crp")),),
            rule_version=easix.RULE_VERSION,
            source="Pennisi M, Sanchez-Escamilla M, Flynn JR, et al. Blood Adv 2021;5:3397-3406; "
                   "Korell F, Penack O, Mattie M, et al. Front Immunol 2022;13:877477",
            note=N_("No limit of the modified index is validated: nothing here is high or low."),
        ),
        "b-cell-aplasia": Scale(
            title=N_("B-cell aplasia"),
            lead=N_("From the first sample without B cells to their return."),
            inputs=i.BCellsIn,
            answer=a.answer_b_cells,
            parts=(Part("", ("threshold", "series")),),
            rule_version=b_cell_aplasia.RULE_VERSION,
            source="Pulsipher MA, Han X, Maude SL, et al. Blood Cancer Discov 2022;3:66-81",
        ),
    }
)  # fmt: skip
