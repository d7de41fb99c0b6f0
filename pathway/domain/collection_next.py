"""What follows a collection that did not serve, and how a bridging course ended."""

from collections.abc import Mapping

from terms.words import N_

# After an inadequate or an aborted collection.
NEXT_STEPS: Mapping[str, str] = {
    "second_day": N_("A second day of the same collection"),
    "later_attempt": N_("A later attempt"),
    "waiver": N_("The manufacturer accepts it by a waiver"),
    "meeting": N_("Back to the meeting"),
    "none": N_("No further collection"),
    "undecided": N_("Not decided yet"),
}
WAIVER = "waiver"
# At the end of bridging, never inferred.
RESPONSES: Mapping[str, str] = {
    "cr_mrd_negative": N_("Complete remission, MRD negative"),
    "cr": N_("Complete remission"),
    "stable": N_("Stable disease"),
    "progressive": N_("Progressive disease"),
    "not_assessed": N_("Not assessed"),
    "unknown": N_("Not known"),
}
