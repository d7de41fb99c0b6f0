"""Courses taken along the pathway by the real services, for tests that need one far along."""

from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import User
from pathway.models import Companion
from pathway.opening import open_companion
from pathway.transitions import MoveOrder, advance, move_companion
from patients.charting import add_entry
from patients.holds import end_hold, open_hold
from patients.models import Course
from patients.people import verify_identity
from patients.stays import admit, discharge

DAY_ZERO = date(2026, 10, 20)


class Walk:
    """One course and somebody who may do everything; days are counted from `DAY_ZERO`.

    Fixed steps: enrolment on day -40, collection on -30, lymphodepletion -5 to -3.
    """

    def __init__(self, course: Course, actor: User, now: datetime) -> None:
        self.course, self.actor, self.now = course, actor, now
        self.companions: dict[str, Companion] = {}

    def at(self, day: int, hour: int = 9) -> datetime:
        """A moment on a day number, in the centre's zone."""
        on = DAY_ZERO + timedelta(days=day)
        return datetime(on.year, on.month, on.day, hour, tzinfo=self.course.centre.zone)

    def stage(self, target: str, day: int, hour: int = 9, **given: Any) -> None:
        """Move the journey."""
        order = MoveOrder(target=target, happened_at=self.at(day, hour), **given)
        advance(course_id=self.course.pk, order=order, actor=self.actor, now=self.now)
        self.course.refresh_from_db()

    def open(self, machine: str, day: int, hour: int = 8, **values: Any) -> None:
        """Open a companion."""
        self.companions[machine] = open_companion(
            course_id=self.course.pk,
            machine=machine,
            values=values,
            actor=self.actor,
            now=self.now,
            happened_at=self.at(day, hour),
        )

    def move(self, machine: str, target: str, day: int, hour: int = 9, **given: Any) -> None:
        """Move the companion of a machine that was opened last."""
        companion = self.companions.get(machine)
        pk = companion.pk if companion else self.course.eligibilityreviews.latest("pk").pk
        move_companion(
            course_id=self.course.pk,
            machine=machine,
            pk=pk,
            order=MoveOrder(target=target, happened_at=self.at(day, hour), **given),
            actor=self.actor,
            now=self.now,
        )
        self.course.refresh_from_db()

    def note(self, entry: str, /, **values: Any) -> None:
        """Add an entry to the chart."""
        add_entry(
            course_id=self.course.pk, kind=entry, values=values, actor=self.actor, now=self.now
        )

    def prepare(self) -> None:
        """What enrolment waits for: consents and the check of identity."""
        for kind in ("assessment", "data"):
            self.note("consent", on="2026-09-01", kind=kind, given=True)
        verify_identity(patient_id=self.course.patient_id, actor=self.actor, now=self.now)

    def to_eligibility(self) -> None:
        """Enrolment."""
        self.prepare()
        self.stage("eligibility", -40)

    def to_apheresis(self) -> None:
        """The meeting accepts."""
        self.to_eligibility()
        for target, day in (("assessing", -39), ("mdt_review", -36), ("accepted", -35)):
            self.move("eligibility", target, day)
        self.stage("apheresis", -35, 10)

    def to_bridging(self) -> None:
        """Containment, collection, order and shipment."""
        self.to_apheresis()
        self.open("containment", -35, drug="vincristine", drug_class="")
        self.move("containment", "given", -34)
        self.open("apheresis", -33, planned_on=DAY_ZERO - timedelta(days=30))
        self.move("apheresis", "cleared", -31)
        self.move("apheresis", "in_progress", -30)
        self.move("apheresis", "completed", -30, 13, details={"din": ""})
        self.move("apheresis", "adequate", -29, details={"cd3_yield": "2.1"})
        self.open("product", -29, order_number="ORD-1")
        self.move("product", "material_shipped", -29, 15)
        self.stage("bridging", -28)

    def to_lymphodepletion(self) -> None:
        """Bridging held and resumed, the product made and stored."""
        self.to_bridging()
        self.open("bridging", -27, drug="inotuzumab ozogamicin", drug_class="")
        self.move("bridging", "running", -27)
        self.move("bridging", "on_hold", -24, reason="fever")
        self.move("bridging", "running", -22)
        self.move("bridging", "closed", -20, details={"last_dose_on": "2026-09-30"})
        steps = ("at_manufacturer", "manufacturing", "qc", "released", "shipped_to_site")
        for day, target in enumerate(steps, start=-26):
            self.move("product", target, day)
        self.move("product", "received", -8, details={"lot": "LOT-1"})
        self.move("product", "stored", -8, 10)
        self.stage("lymphodepletion", -7)

    def to_infusion(self) -> None:
        """Admission, flu/cy, thawing, day 0."""
        self.to_lymphodepletion()
        who: dict[str, Any] = {"course_id": self.course.pk, "actor": self.actor, "now": self.now}
        admit(unit="ward", place="Haematology", on=DAY_ZERO - timedelta(days=6), **who)
        self.open("lymphodepletion", -6, regimen="Flu/Cy")
        self.move("lymphodepletion", "in_progress", -5)
        self.move("lymphodepletion", "complete", -3)
        self.move("product", "thawing", 0)
        self.stage("infusion", 0, 10)
        self.move("product", "infused", 0, 11)

    def to_follow_up(self) -> None:
        """Discharge on day 14."""
        self.to_infusion()
        on = DAY_ZERO + timedelta(days=14)
        discharge(course_id=self.course.pk, on=on, actor=self.actor, now=self.now)
        self.stage("follow_up", 14, 17)

    def held(self, began: int, ended: int) -> None:
        """A delay of the leukapheresis, with a remark."""
        hold = open_hold(
            course_id=self.course.pk,
            step="apheresis",
            reason_code="PERSONAL",
            began_on=self.at(began).date(),
            remark="mother of Signora Bianchi ill",
            actor=self.actor,
            now=self.now,
        )
        end_hold(hold_id=hold.pk, ended_on=self.at(ended).date(), actor=self.actor, now=self.now)
