"""What guards may know of the papers of a collection or a product: the latest of each kind."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from terms.words import N_

# The parts of an out-of-specification record, in the order in which they come about.
OOS_PARTS = {
    "physician_request_on": N_("physician's request"),
    "risk_evaluation_on": N_("manufacturer's risk evaluation"),
    "physician_accepted_on": N_("physician's recorded acceptance"),
    "authority_notice_on": N_("notice to the authority"),
    "patient_informed_on": N_("patient informed"),
}
HAEMATOLOGIST, QUALITY = "haematologist", "quality"
CAPACITIES = {HAEMATOLOGIST: N_("Haematologist"), QUALITY: N_("Quality")}
# What went wrong with a product, in the field's words. An incident recorded before incidents had a
# category has none.
INCIDENT_CATEGORIES = {
    "container": N_("Bag or container damaged"),
    "temperature": N_("Temperature out of range"),
    "identity": N_("Identity or label"),
    "transport": N_("Transport or delay"),
    "preparation": N_("Thaw or preparation"),
    "infusion": N_("Infusion"),
    "documentation": N_("Documentation"),
    "other": N_("Something else"),
}
NO_CATEGORY = N_("category not recorded")


@dataclass(frozen=True)
class PaperFacts:
    """The papers of one companion. What is None or empty is not recorded, never passed."""

    certified: bool = False
    dose_per_kg: Decimal | None = None
    dose_total: Decimal | None = None
    oos_recorded: bool = False
    oos_dates: tuple[date | None, ...] = (None,) * len(OOS_PARTS)
    oos_signed: frozenset[str] = frozenset()
    thaw_ended_at: datetime | None = None
    thaw_ended_minutes: int | None = None  # from full thaw to the start of the infusion
    infusion_started_at: datetime | None = None
    infusion_ended_at: datetime | None = None
    administered: bool = False  # start and end of the infusion and its volume are recorded
    slot_on: date | None = None  # at the manufacturer, of the latest order that says it
    custody_faults: int = 0  # damage and excursions noted, without a deviation number

    @property
    def oos_missing(self) -> tuple[str, ...]:
        """The parts of the out-of-specification record that are not there, as msgids."""
        parts = zip(OOS_PARTS.values(), self.oos_dates, strict=True)
        return tuple(name for name, on in parts if on is None)


NO_PAPERS = PaperFacts()
