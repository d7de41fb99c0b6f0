"""What is given for toxicity and which infections there are, as lists of codes with their words."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from terms.words import N_

OTHER = "other"
DRUGS: Mapping[str, str] = MappingProxyType(
    {
        "tocilizumab": N_("Tocilizumab"),
        "dexamethasone": N_("Dexamethasone"),
        "methylprednisolone": N_("Methylprednisolone"),
        "other_steroid": N_("Another steroid, such as prednisone or hydrocortisone"),
        "antipyretic": N_("Antipyretic, such as paracetamol"),
        "anakinra": N_("Anakinra"),
        "siltuximab": N_("Siltuximab"),
        "ruxolitinib": N_("Ruxolitinib"),
        "levetiracetam": N_("Levetiracetam"),
        "g_csf": N_("G-CSF"),
        "immunoglobulin": N_("Immunoglobulin"),
        "platelets": N_("Platelets, transfused"),
        "red_cells": N_("Red cells, transfused"),
        OTHER: N_("Another drug"),
    }
)
# What people write for a drug of the list, in both languages and by its brand.
_WRITTEN: Mapping[str, str] = MappingProxyType(
    {
        word: drug
        for drug, words in {
            "tocilizumab": "tocilizumab roactemra actemra tyenne tofidence avtozma",
            "dexamethasone": "dexamethasone desametasone dexametasone soldesam decadron",
            "methylprednisolone": "methylprednisolone metilprednisolone solumedrol medrol urbason",
            "other_steroid": "prednisone prednisolone hydrocortisone idrocortisone flebocortid",
            "antipyretic": "paracetamol paracetamolo acetaminophen tachipirina ibuprofen",
            "anakinra": "anakinra kineret",
            "siltuximab": "siltuximab sylvant",
            "ruxolitinib": "ruxolitinib jakavi",
            "levetiracetam": "levetiracetam keppra",
        }.items()
        for word in words.split()
    }
)
STEROIDS = frozenset({"dexamethasone", "methylprednisolone", "other_steroid"})
# What hides fever, and with it the gate of CRS. Of another drug its record says it; where that
# says not known, each check asks, and what is not answered may be hidden.
MASKING = STEROIDS | {"antipyretic", "tocilizumab", "anakinra", "siltuximab", "ruxolitinib"}
TRANSFUSIONS = frozenset({"platelets", "red_cells"})
BAG = "bag"  # what a transfusion is counted in
UNITS = ("mg", "g", "ug", "MU", BAG)
IRRADIATED: Mapping[str, str] = MappingProxyType(
    {
        "yes": N_("irradiated"),
        "no": N_("not irradiated"),
        "unknown": N_("irradiated or not: unknown"),
    }
)
HIDES_FEVER: Mapping[str, str] = MappingProxyType(
    {
        "yes": N_("may hide fever"),
        "no": N_("does not hide fever"),
        "unknown": N_("hides fever or not: unknown"),
    }
)
HIDES = "yes"
ROUTES: Mapping[str, str] = MappingProxyType(
    {
        "iv": N_("Intravenous"),
        "po": N_("By mouth"),
        "sc": N_("Subcutaneous"),
        "it": N_("Intrathecal"),
    }
)
PURPOSES: Mapping[str, str] = MappingProxyType(
    {
        "crs": N_("CRS"),
        "icans": N_("ICANS"),
        "iec_hs": N_("IEC-HS"),
        "cytopenia": N_("Cytopenia"),
        "prevention": N_("Prevention"),
        OTHER: N_("Another reason"),
    }
)
# Of these reasons, those that are a toxicity of the treatment which somebody has.
FOR_TOXICITY = frozenset({"crs", "icans", "iec_hs", "cytopenia"})
ORGANISMS: Mapping[str, str] = MappingProxyType(
    {
        "e_coli": N_("Escherichia coli"),
        "klebsiella": N_("Klebsiella pneumoniae"),
        "pseudomonas": N_("Pseudomonas aeruginosa"),
        "s_epidermidis": N_("Staphylococcus epidermidis"),
        "s_aureus": N_("Staphylococcus aureus"),
        "enterococcus": N_("Enterococcus"),
        "c_difficile": N_("Clostridioides difficile"),
        "candida": N_("Candida"),
        "aspergillus": N_("Aspergillus"),
        "pneumocystis": N_("Pneumocystis jirovecii"),
        "cmv": N_("Cytomegalovirus"),
        "ebv": N_("Epstein-Barr virus"),
        "hhv6": N_("Human herpesvirus 6"),
        "sars_cov_2": N_("SARS-CoV-2"),
        "influenza": N_("Influenza virus"),
        OTHER: N_("Another organism"),
        "none_found": N_("No organism found"),
    }
)
BACTERIA = frozenset(
    {"e_coli", "klebsiella", "pseudomonas", "s_epidermidis", "s_aureus", "enterococcus",
     "c_difficile"}
)  # fmt: skip
NOT_TOLD = frozenset({OTHER, "none_found"})  # which may have been bacteria, or not
SITES: Mapping[str, str] = MappingProxyType(
    {
        "blood": N_("Blood"),
        "lung": N_("Lung"),
        "airway": N_("Upper airways"),
        "urine": N_("Urinary tract"),
        "gut": N_("Gut"),
        "skin": N_("Skin and soft tissue"),
        "catheter": N_("Central venous catheter"),
        "cns": N_("Central nervous system"),
        OTHER: N_("Another site"),
        "unknown": N_("Not known"),
    }
)
# CTCAE v5, from memory: oral treatment, intravenous or invasive, life-threatening, death.
SEVERITIES: Mapping[int, str] = MappingProxyType(
    {
        2: N_("2: antimicrobial by mouth"),
        3: N_("3: intravenous antimicrobial or invasive procedure"),
        4: N_("4: life-threatening"),
        5: N_("5: death"),
    }
)


def drug_named(text: str) -> str:
    """The drug of the list that a typed name holds; empty for one that the list does not have."""
    words = re.findall(r"[^\W\d_]+", text.casefold().replace("-", ""))
    return next((_WRITTEN[word] for word in words if word in _WRITTEN), "")
