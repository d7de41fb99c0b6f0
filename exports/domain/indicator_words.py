"""What each indicator of the programme is called, how exactly it is counted, and of whom."""

from exports.domain.indicators_on_the_way import DAYS, ON_THE_WAY
from exports.domain.summaries import PER_100, Definition
from terms.words import N_

DEFINITIONS = (
    *ON_THE_WAY,
    Definition(
        "crs_any",
        N_("CRS, any grade"),
        N_(
            "CRS of grade 1 or more that began by day 30, of those infused at least 30 days ago "
            "and checked."
        ),
    ),
    Definition(
        "crs_severe",
        N_("CRS, grade 3 or more"),
        N_(
            "CRS of grade 3 or more that began by day 30, of those infused at least 30 days ago "
            "and checked."
        ),
    ),
    Definition(
        "crs_onset",
        N_("CRS, onset"),
        N_("Day of the first sign, day 0 being the infusion, of those affected."),
        DAYS,
    ),
    Definition(
        "crs_duration",
        N_("CRS, duration"),
        N_("Days with signs, of those affected; censored while nobody has said that it is over."),
        DAYS,
    ),
    Definition(
        "icans_any",
        N_("ICANS, any grade"),
        N_(
            "ICANS of grade 1 or more that began by day 30, of those infused at least 30 days ago "
            "and checked."
        ),
    ),
    Definition(
        "icans_severe",
        N_("ICANS, grade 3 or more"),
        N_(
            "ICANS of grade 3 or more that began by day 30, of those infused at least 30 days ago "
            "and checked."
        ),
    ),
    Definition(
        "icans_onset",
        N_("ICANS, onset"),
        N_("Day of the first sign, day 0 being the infusion, of those affected."),
        DAYS,
    ),
    Definition(
        "icans_duration",
        N_("ICANS, duration"),
        N_("Days with signs, of those affected; censored while nobody has said that it is over."),
        DAYS,
    ),
    Definition(
        "tocilizumab",
        N_("Tocilizumab given"),
        N_("Patients with a dose of tocilizumab from day 0 on, of those infused."),
    ),
    Definition(
        "tocilizumab_doses",
        N_("Doses of tocilizumab"),
        N_("Doses from day 0 on of each patient who was given any."),
        "doses",
    ),
    Definition(
        "steroids",
        N_("Corticosteroids given"),
        N_(
            "Patients with a dose of a corticosteroid for toxicity from day 0 on, of those infused."
        ),
    ),
    Definition(
        "dexamethasone_dose",
        N_("Dexamethasone, cumulative dose"),
        N_(
            "Milligrams of dexamethasone given for toxicity from day 0 on to each patient who was "
            "given any; missing where one dose is not known. Other corticosteroids are not "
            "converted."
        ),
        "mg",
    ),
    Definition(
        "steroid_dose",
        N_("Corticosteroids, cumulative dose as dexamethasone"),
        N_(
            "Milligrams of dexamethasone that the corticosteroids given for toxicity from day 0 on "
            "are worth, of each patient who was given any. Missing where one dose or its unit is "
            "not known, or the protocol says no equal dose of the drug; a version that says none "
            "lets only dexamethasone be added up, and another steroid of the list never is."
        ),
        "mg",
    ),
    Definition(
        "tocilizumab_latency",
        N_("Tocilizumab latency"),
        N_(
            "Whole hours from the first check with CRS of grade 2 or more to the first dose, of "
            "those first given it then or later."
        ),
        "hours",
    ),
    Definition(
        "iec_hs",
        N_("IEC-HS"),
        N_(
            "IEC-HS of any grade that began by day 30, of those infused at least 30 days ago in "
            "whom it was graded."
        ),
    ),
    Definition(
        "icaht_severe",
        N_("ICAHT, grade 3 or more"),
        N_(
            "Early or late ICAHT of grade 3 or more, of those infused; known where both are final. "
            "Counted where the protocol has ICAHT computed; a late value alone proves nothing."
        ),
    ),
    Definition(
        "length_of_stay",
        N_("Length of stay"),
        N_(
            "Days from the admission to the discharge of the stay with the infusion in it, of "
            "those infused; still in hospital is censored."
        ),
        DAYS,
    ),
    Definition(
        "intensive_care",
        N_("Intensive care"),
        N_("Patients in intensive care in the stay of the infusion, from day 0, of those infused."),
    ),
    Definition(
        "readmission",
        N_("Readmission by day 30"),
        N_(
            "Patients admitted again by day 30, of those discharged after an infusion at least 30 "
            "days ago and followed that long or to their death."
        ),
    ),
    Definition(
        "neutropenia",
        N_("Neutropenia"),
        N_("Days with neutrophils below 500 per microlitre in the protocol's window from day 0."),
        DAYS,
    ),
    Definition(
        "bacteraemia_30",
        N_("Bacteraemia by day 30"),
        N_(
            "Patients with bacteria in blood or at the central line recorded by day 30, of those "
            "infused at least 30 days ago and followed that long or to their death. Whether an "
            "organism that is not in the list is a bacterium is not known."
        ),
    ),
    Definition(
        "bacteraemia_100",
        N_("Bacteraemia by day 100"),
        N_(
            "Patients with bacteria in blood or at the central line recorded by day 100, of those "
            "infused at least 100 days ago and followed that long or to their death. Whether an "
            "organism that is not in the list is a bacterium is not known."
        ),
    ),
    Definition(
        "virus_30",
        N_("Viral reactivation by day 30"),
        N_(
            "Patients with CMV, EBV or HHV-6 recorded as an infection by day 30, of those infused "
            "at least 30 days ago and followed that long or to their death."
        ),
    ),
    Definition(
        "virus_100",
        N_("Viral reactivation by day 100"),
        N_(
            "Patients with CMV, EBV or HHV-6 recorded as an infection by day 100, of those infused "
            "at least 100 days ago and followed that long or to their death."
        ),
    ),
    Definition(
        "mortality_30",
        N_("Deaths by day 30"),
        N_(
            "Deaths of any cause by day 30, of those infused at least 30 days ago and followed "
            "that long or to their death."
        ),
    ),
    Definition(
        "mortality_100",
        N_("Deaths by day 100"),
        N_(
            "Deaths of any cause by day 100, of those infused at least 100 days ago and followed "
            "that long or to their death."
        ),
    ),
    Definition(
        "mortality_year",
        N_("Deaths by one year"),
        N_(
            "Deaths of any cause by day 365, of those infused at least 365 days ago and followed "
            "that long or to their death."
        ),
    ),
    Definition(
        "remission",
        N_("Remission at day 28"),
        N_(
            "Complete remission, with or without recovery of counts, in a marrow of days 25 to 42, "
            "of those infused whose response was assessed then."
        ),
    ),
    Definition(
        "remission_enrolled",
        N_("Remission at day 28, of all enrolled"),
        N_(
            "The same remissions, of all enrolled of whom it is known: who was never infused "
            "counts as not in remission."
        ),
    ),
    Definition(
        "mrd_negative",
        N_("MRD-negative remission at day 28"),
        N_(
            "Complete remission without measurable disease in a marrow of days 25 to 42, of those "
            "infused in whom both were assessed then."
        ),
    ),
    Definition(
        "cd19_negative_relapse",
        N_("CD19-negative relapse"),
        N_("Relapses without CD19, of those after the infusion in which CD19 was tested."),
    ),
    Definition(
        "consolidation",
        N_("Transplant as consolidation"),
        N_("Allogeneic transplants in remission after the infusion, of the responders at day 28."),
    ),
    Definition(
        "low_immunoglobulin",
        N_("Low IgG or immunoglobulin given"),
        N_("IgG below 400 mg/dL after the infusion, or immunoglobulin given, of those measured."),
    ),
    Definition(
        "follow_up_completeness",
        N_("Registry forms in time"),
        N_(
            "Registry items of the schedule done in their window, of those whose window passed in "
            "the last five years. JACIE asks for 80 of 100."
        ),
    ),
    Definition(
        "item_timeliness",
        N_("Follow-up in time"),
        N_("All items of the schedule done in their window, of those whose window has passed."),
    ),
    Definition(
        "data_quality",
        N_("Cells that are known"),
        N_("Cells of Tables 1 and 2 that are known, of those that apply to the course."),
    ),
    Definition(
        "corrected_late",
        N_("Corrected after the end"),
        N_("Courses of which a fact was corrected after they ended, of those that ended."),
    ),
    Definition(
        "incidents",
        N_("Incidents with products"),
        N_(
            "Incidents recorded of products, to the number of infusions, and how many that is for "
            "every 100."
        ),
        PER_100,
    ),
)
