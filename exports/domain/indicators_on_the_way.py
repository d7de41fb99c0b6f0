"""What each indicator on the way to the infusion is called, how exactly it is counted, of whom."""

from exports.domain.summaries import Definition
from terms.words import N_

DAYS = "days"
ON_THE_WAY = (
    Definition(
        "referral_to_enrolment",
        N_("Referral to enrolment"),
        N_("Days from the referral to the enrolment, of those enrolled."),
        DAYS,
    ),
    Definition(
        "enrolment_to_apheresis",
        N_("Enrolment to leukapheresis"),
        N_("Days from enrolment to the first leukapheresis, of those collected or infused."),
        DAYS,
    ),
    Definition(
        "decision_to_infusion",
        N_("Decision to infusion"),
        N_("Days from the last meeting that accepted to the infusion, of those infused."),
        DAYS,
    ),
    Definition(
        "door_to_door",
        N_("Door to door"),
        N_("Days from the referral to the discharge after the infusion, of those discharged."),
        DAYS,
    ),
    Definition(
        "vein_to_vein",
        N_("Vein to vein"),
        N_(
            "Days from the leukapheresis that the infused product is made of to the infusion, of "
            "those infused; where nobody recorded which it was, from the last one."
        ),
        DAYS,
    ),
    Definition(
        "manufacturing_turnaround",
        N_("Manufacturing turnaround"),
        N_(
            "Days from the arrival of the collected cells at the manufacturer to the release, of "
            "the courses with a released product; of several the one released last."
        ),
        DAYS,
    ),
    Definition(
        "collection_to_receipt",
        N_("Collection to receipt"),
        N_(
            "Days from the leukapheresis that the infused product is made of to its receipt at the "
            "centre, of those infused."
        ),
        DAYS,
    ),
    Definition(
        "manufacturing_failure",
        N_("Manufacturing failures"),
        N_("Products that failed or were rejected, of those ordered and not cancelled."),
    ),
    Definition(
        "out_of_specification",
        N_("Out of specification"),
        N_("Products that were ever out of specification, of those that came to quality control."),
    ),
    Definition(
        "reapheresis",
        N_("Repeated leukapheresis"),
        N_("Courses with two or more completed collections, of those with one."),
    ),
    Definition(
        "apheresis_success",
        N_("Adequate collections"),
        N_("Collections that were adequate, of those completed."),
    ),
    Definition(
        "attrition",
        N_("Never infused"),
        N_(
            "Courses that ended, or whose patient died, without an infusion, of all enrolled whose "
            "outcome is known; those under way are missing."
        ),
    ),
    Definition(
        "attrition_eligibility",
        N_("Left at eligibility"),
        N_("Of the same courses, those that ended at this step without an infusion."),
    ),
    Definition(
        "attrition_apheresis",
        N_("Left at leukapheresis"),
        N_("Of the same courses, those that ended at this step without an infusion."),
    ),
    Definition(
        "attrition_bridging",
        N_("Left during manufacturing and bridging"),
        N_("Of the same courses, those that ended at this step without an infusion."),
    ),
    Definition(
        "attrition_lymphodepletion",
        N_("Left at lymphodepletion"),
        N_("Of the same courses, those that ended at this step without an infusion."),
    ),
    Definition(
        "delay_burden",
        N_("Courses with a delay"),
        N_("Courses with one or more recorded delays, of all enrolled."),
    ),
    Definition(
        "depletion_in_window",
        N_("Lymphodepletion to infusion in time"),
        N_(
            "Infusions on a day of the protocol's window after the last dose of lymphodepletion, "
            "of those infused."
        ),
    ),
    Definition(
        "wastage",
        N_("Products wasted"),
        N_("Products discarded or wasted after they were received, of those received."),
    ),
    Definition(
        "infusion_cancelled",
        N_("Infusion cancelled after lymphodepletion"),
        N_(
            "Courses that ended, or whose patient died, without an infusion, of those with a "
            "complete lymphodepletion."
        ),
    ),
    Definition(
        "thaw_in_time",
        N_("Thaw to infusion in time"),
        N_(
            "Infusions begun within the minutes that the protocol allows after the end of the "
            "thaw, of those infused."
        ),
    ),
    Definition(
        "thaw_to_infusion",
        N_("Thaw to infusion"),
        N_("Minutes from the end of the thaw to the start of the infusion, of those infused."),
        "minutes",
    ),
    Definition(
        "bedside_check",
        N_("Bedside check by two people"),
        N_(
            "Infusions whose labels two different people read at the bedside, both finding what "
            "was to be found, of those infused; of courses that were transcribed it is not "
            "known."
        ),
    ),
)
