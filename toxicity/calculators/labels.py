"""What the inputs of the scales are called on a form, with their fixed units; msgids."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from terms.words import N_


@dataclass(frozen=True)
class Label:
    """The words of one input; `unit` is never translated."""

    text: str
    unit: str = ""
    help: str = ""


_SERIES_HELP = N_(
    "One line for each value: the day, then the number, such as “2026-03-01 350” or “01/03/2026 350”. Lines copied from a spreadsheet can be pasted."  # noqa: E501
)

LABELS: Mapping[str, Label] = MappingProxyType(
    {
        "temp_c": Label(N_("Highest temperature"), "°C"),
        "fever_other_cause": Label(N_("The fever has another cause")),
        "crs_established": Label(
            N_("CRS established: an earlier assessment of this episode had its fever")
        ),
        "fever_masked": Label(
            N_("Antipyretic, anticytokine drug or steroid given since CRS began")
        ),
        "hypotension": Label(N_("Hypotension, as a clinician judges it")),
        "vasopressors": Label(N_("Vasopressors")),
        "o2_device": Label(N_("Oxygen")),
        "o2_flow_lpm": Label(N_("Flow of oxygen"), "L/min"),
        "o2_is_baseline": Label(N_("Usual oxygen or CPAP of before, unchanged")),
        "ppv_reason": Label(N_("Why CPAP, BiPAP or ventilation")),
        "death_due_to_crs": Label(N_("Death due to CRS")),
        "ice_year": Label(N_("Says the year")),
        "ice_month": Label(N_("Says the month")),
        "ice_city": Label(N_("Says the city")),
        "ice_hospital": Label(N_("Says the hospital")),
        "ice_naming": Label(N_("Names objects, of three")),
        "ice_command": Label(N_("Follows a simple command")),
        "ice_sentence": Label(N_("Writes a sentence")),
        "ice_attention": Label(N_("Counts back from 100 by tens")),
        "ice_total": Label(
            N_("ICE, where only the total is known"), "/10", N_("A whole number from 0 to 10.")
        ),
        "ice_not_done_reason": Label(N_("Why ICE was not done")),
        "arousal": Label(N_("Awakens")),
        "sedated": Label(N_("Sedated: the awakening is not judged")),
        "seizure": Label(N_("Seizures")),
        "deep_motor_weakness": Label(N_("Deep focal weakness, such as a hemiparesis")),
        "icp": Label(N_("Cerebral oedema")),
        "intracranial_haemorrhage": Label(N_("Intracranial haemorrhage")),
        "death_due_to_icans": Label(N_("Death due to ICANS")),
        "age_years": Label(
            N_("Age"), help=N_("In whole years; under 12 CAPD takes the place of ICE.")
        ),
        "capd": Label(N_("CAPD"), "/32", N_("For children under 12 years: 0 to 32.")),
        "baseline_ice": Label(N_("ICE before the infusion"), "/10"),
        "ferritin": Label(N_("Ferritin"), "ng/mL"),
        "ferritin_uln": Label(N_("Ferritin, the laboratory's upper limit"), "ng/mL"),
        "ferritin_baseline": Label(N_("Ferritin at infusion"), "ng/mL"),
        "ferritin_rapid_rise": Label(N_("Ferritin rising rapidly, as a clinician judges it")),
        "ast": Label(N_("AST"), "U/L"),
        "ast_uln": Label(N_("AST, the laboratory's upper limit"), "U/L"),
        "ast_baseline": Label(N_("AST at infusion"), "U/L"),
        "alt": Label(N_("ALT"), "U/L"),
        "alt_uln": Label(N_("ALT, the laboratory's upper limit"), "U/L"),
        "alt_baseline": Label(N_("ALT at infusion"), "U/L"),
        "fibrinogen": Label(N_("Fibrinogen"), "mg/dL"),
        "fibrinogen_lln": Label(N_("Fibrinogen, the laboratory's lower limit"), "mg/dL"),
        "cytopenia_g4_new": Label(N_("New or worsening cytopenia of grade 4, any lineage")),
        "hemophagocytosis": Label(N_("Haemophagocytosis in marrow or tissue")),
        "other_cause": Label(N_("Another cause explains all of it")),
        "confirmed": Label(N_("A clinician has confirmed IEC-HS")),
        "over": Label(N_("A clinician sees nothing of it now")),
        "intervention": Label(N_("Treatment for IEC-HS is indicated")),
        "severe": Label(N_("Severe")),
        "life_threatening": Label(N_("Life-threatening")),
        "death": Label(N_("Death due to IEC-HS")),
        "infusion_date": Label(N_("Day of the infusion")),
        "as_of": Label(
            N_("Followed until"), help=N_("Left blank, the day of the last value is taken.")
        ),
        "death_date": Label(N_("Death")),
        "progression_date": Label(N_("Progression")),
        "next_therapy_date": Label(N_("Next therapy")),
        "series_anc": Label(N_("Neutrophils"), "/µL", _SERIES_HELP),
        "series_plt": Label(N_("Platelets"), "×10⁹/L", _SERIES_HELP),
        "series_cd19": Label(N_("CD19+ cells"), "/µL", _SERIES_HELP),
        "plt": Label(N_("Platelets"), "×10⁹/L"),
        "anc": Label(N_("Neutrophils"), "/µL"),
        "hb": Label(N_("Haemoglobin"), "g/dL"),
        "crp": Label(N_("CRP"), "mg/dL", N_("In mg/dL: mg/L divided by 10.")),
        "ldh": Label(N_("LDH"), "U/L"),
        "creatinine": Label(N_("Creatinine"), "mg/dL", N_("In mg/dL: µmol/L divided by 88.4.")),
        "threshold": Label(
            N_("Aplasia is below"), "/µL", N_("No limit is universal: the centre's own.")
        ),
    }
)
