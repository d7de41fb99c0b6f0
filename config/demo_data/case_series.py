"""What the case series says of its four patients (Grillo and Mochi, Recenti Prog Med), as data.

Dates stand as in the paper, as well as it gives them; an empty one is not given. Names, days since
the birthday and the day numbers of enrolment and release are invented. Ages of the third and the
fourth patient are those of the text (discrepancy D01 of the table), the fourth diagnosis is read as
May 2024 (D05).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Entry = tuple[str, str, Mapping[str, Any]]  # kind of chart entry, date, values
Note = tuple[int, str]  # day number, text


# The check due just now: it stands open on the board, as a check of this month would.
_THIS_MONTHS = frozenset({12})


@dataclass(frozen=True)
class Case:
    """One patient. Days are counted from the infusion unless the name says otherwise."""

    number: int
    family_name: str
    given_name: str
    sex: str
    age: int  # at the infusion, in completed years
    days_since_birthday: int
    haematologist: str
    enrolment_day: int
    days_to_apheresis: int  # from enrolment
    days_to_release: int  # of the product, from apheresis
    stay_days: int
    follow_up_months: int
    status: str  # at lymphodepletion, in words
    disease_status: str  # the same, as the gate's answer; Table 2 abbreviates it
    history: tuple[Entry, ...]
    assessment: Mapping[str, str]  # eligibility items that the case series states
    bridged: bool = True
    notes: tuple[Note, ...] = ()
    missing_marrow: frozenset[int] = field(default_factory=frozenset)  # months not recorded

    @property
    def apheresis_day(self) -> int:
        """Day of the collection."""
        return self.enrolment_day + self.days_to_apheresis

    @property
    def release_day(self) -> int:
        """Day on which the product was released."""
        return self.apheresis_day + self.days_to_release


def _diagnosis(on: str, disease: str, ph_status: str, risk: str) -> Entry:
    values = {"disease": disease, "ph_status": ph_status, "risk": risk, "cns_involved": False}
    return "diagnosis", on, values


def _line(on: str, treatment: str, response: str = "", drug_class: str = "") -> Entry:
    values = {"treatment": treatment, "response": response, "drug_class": drug_class}
    return "line", on, values


def _transplant(on: str, donor: str, conditioning: str) -> Entry:
    return "transplant", on, {"kind": "allo", "donor": donor, "conditioning": conditioning}


def _dli(on: str) -> Entry:
    return "transplant", on, {"kind": "dli"}


def _relapse(on: str, kind: str, remark: str = "", **values: Any) -> Entry:
    return "relapse", on, {"kind": kind, "remark": remark, **values}


def _positive(*antigens: str) -> tuple[Entry, ...]:
    return tuple(("antigen", "", {"antigen": antigen, "positive": True}) for antigen in antigens)


def _comorbidity(description: str) -> Entry:
    return "comorbidity", "", {"description": description}


CASES = (
    Case(
        number=1,
        family_name="Lombardi",
        given_name="Teresa",
        sex="female",
        age=64,
        days_since_birthday=137,
        haematologist="physician",
        enrolment_day=-76,
        days_to_apheresis=18,
        days_to_release=17,
        stay_days=26,
        follow_up_months=16,
        disease_status="no_blasts",
        status="At lymphodepletion: no circulating blasts, already aplastic.",
        assessment={"BLAST": "71", "CD19": "positive", "CD22": "positive", "ALLO": "far_enough"},
        history=(
            _diagnosis("2021", "B-ALL", "positive", "high"),
            _comorbidity("Sigmoid-rectal carcinoma: surgery and 8 cycles of FOLFOX, in remission"),
            _line("", "NILG (paediatric type) + imatinib", "CR, MRD negative"),
            _transplant("2022-03", "MUD 10/10", "RIC"),
            _relapse("2023-06", "molecular"),
            _line("2023-06", "dasatinib", drug_class="tki"),
            _relapse("2024-01", "molecular"),
            _line("2024-01", "ponatinib", drug_class="tki"),
            _relapse("2024-04", "haematological", "71% marrow blasts"),
            *_positive("CD19", "CD22", "CD34", "CD38", "CD58", "CD123"),
        ),
        missing_marrow=frozenset({15}),
    ),
    Case(
        number=2,
        family_name="Greco",
        given_name="Matteo",
        sex="male",
        age=37,
        days_since_birthday=201,
        haematologist="physician2",
        enrolment_day=-62,
        days_to_apheresis=12,
        days_to_release=17,
        stay_days=21,
        follow_up_months=12,
        missing_marrow=_THIS_MONTHS,
        disease_status="stable",
        status=(
            "At lymphodepletion: stable disease. No bridging; steroid and transdermal opioids "
            "for symptoms until then."
        ),
        bridged=False,
        notes=((30, "PET: no pathological uptake."),),
        assessment={"CD22": "positive", "ALLO": "far_enough"},
        history=(
            _diagnosis("2016-10", "B-ALL (common)", "negative", "high"),
            _line("2016-10", "GIMEMA LAL1913", "CR"),
            _transplant("2017-04", "MUD", "CTX-TBI"),
            _relapse("2018-07", "haematological"),
            _line("", "blinatumomab", "second CR, MRD negative"),
            _dli(""),
            _relapse("", "mrd", "Led to the second transplant"),
            _transplant("2019-11", "MUD (different donor)", "TREO-FLU"),
            _relapse("2020-09", "molecular"),
            _line("2020-09", "blinatumomab + DLI, complicated by pulmonary embolism"),
            _dli("2020-09"),
            _relapse("2024-03", "haematological", extramedullary=True),
            _line(
                "",
                "inotuzumab ozogamicin",
                "transient marrow MRD negativity, then lost; extramedullary disease persists",
            ),
            *_positive("CD22"),
        ),
    ),
    Case(
        number=3,
        family_name="Fontana",
        given_name="Adele",
        sex="female",
        age=76,
        days_since_birthday=164,
        haematologist="physician",
        enrolment_day=-54,
        days_to_apheresis=10,
        days_to_release=17,
        stay_days=20,
        follow_up_months=11,
        disease_status="no_blasts",
        status="At lymphodepletion: no circulating blasts.",
        assessment={"BLAST": "20", "CD22": "positive", "ALLO": "none"},
        history=(
            _diagnosis("2020-09", "B-ALL", "negative", "standard"),
            _line("2020-09", "Hoelzer scheme", "CR, MRD negative"),
            _line("2023-04", "maintenance finished"),
            _relapse("2024-10", "haematological", "20% marrow blasts"),
            *_positive("CD22"),
        ),
    ),
    Case(
        number=4,
        family_name="Marchetti",
        given_name="Sergio",
        sex="male",
        age=57,
        days_since_birthday=118,
        haematologist="physician2",
        enrolment_day=-56,
        days_to_apheresis=10,
        days_to_release=17,
        stay_days=18,
        follow_up_months=12,
        missing_marrow=_THIS_MONTHS,
        disease_status="stable",
        status="At lymphodepletion: stable disease, already aplastic.",
        assessment={"BLAST": "10", "ALLO": "none"},
        history=(
            _diagnosis("2024-05", "B-ALL", "negative", "standard"),
            _comorbidity("Diabetes mellitus"),
            _comorbidity("Sequelae of intracranial haemorrhage (ruptured aneurysm)"),
            _comorbidity("Myocardial infarction treated by PTCA"),
            _line("2024-05", "GIMEMA LAL1913", "refractory after the second induction cycle"),
            _relapse("", "refractory", "10% marrow blasts after the second induction"),
        ),
    ),
)
