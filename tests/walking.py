"""Courses taken along the pathway by the real services, for tests that need one under way."""

from collections.abc import Callable
from copy import copy
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Self

from accounts.models import User
from pathway.domain.doses import DoseFacts
from pathway.domain.isbt128 import check_character
from pathway.dosing import DoseGiven, DoseOrder, give_dose, order_doses
from pathway.identity_checks import open_check, sign_scan
from pathway.loading import load_state
from pathway.models import Change, Companion, Dose, IdentityCheck, IdentityScan
from pathway.models.papers import Administration, Order, Paper
from pathway.opening import open_companion
from pathway.papers import add_paper
from pathway.transitions import MoveOrder, advance, move_companion
from patients.anchors import plan_date
from patients.charting import add_entry
from patients.holds import end_hold, open_hold
from patients.models import Course, Hold
from patients.people import verify_identity
from patients.stays import admit, discharge
from tests.assessing_walk import AssessingSteps
from tests.toxicity_course import without_signs
from toxicity.recording import log_check

DAY_ZERO = date(2026, 10, 20)
ENDINGS = {
    "declined": {"exit_reason": "unfit"},
    "withdrawn": {"exit_reason": "patient_choice", "exit_scope": "treatment_only"},
}
# What these moves want to know, where a test has nothing to say of it.
TOLD: dict[tuple[str, str], dict[str, Any]] = {
    ("apheresis", "inadequate"): {"next_step": "undecided"},
    ("apheresis", "aborted"): {"next_step": "undecided"},
    ("bridging", "closed"): {"response": "not_assessed"},
    ("bridging", "stopped_early"): {"response": "not_assessed"},
}
SURFACE = Decimal("1.82")  # of 70 kg and 170 cm, by Mosteller
SLOT_TOLD = {"slot_unknown": "detto per telefono"}  # most walks order after the collection
_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)


def labels_of(check: IdentityCheck) -> dict[str, Any]:
    """What the labels say when they are those of the snapshot."""
    snapshot = check.snapshot
    return {
        "hospital_id": snapshot["hospital_id"],
        "din": snapshot["din"] + check_character(snapshot["din"]),
        "lot": snapshot["lot"],
        "coi_id": snapshot["coi_id"],
        "labels_agree": True,
        "cassette_lot": snapshot["lot"],
        "cassette_agrees": True,
        "dose": snapshot["dose_total"],
    }


class Walk(AssessingSteps):
    """One course on its way, moved by one person for everything or by somebody of each role.

    The clock of the walk, `now`, steps on by an hour with each deed and never back; by a minute
    while a thawed bag waits. On the way to
    each stage it comes to fixed days, counted from `DAY_ZERO`: enrolment -40, collection -30,
    lymphodepletion -4 to -2, discharge 14.
    """

    def __init__(self, course: Course, who: User | Callable[..., User]) -> None:
        self.course = course
        self.now = self.at(-41)
        self._who = who
        self._users: dict[str, User] = {}
        self._opened: dict[str, Companion] = {}
        self._pace = _HOUR

    def on(self, course: Course) -> Self:
        """The same walk on what was just read of its course, for one test of several."""
        same = copy(self)
        people = User.objects.in_bulk([user.pk for user in self._users.values()])
        same._users = {role: people[user.pk] for role, user in self._users.items()}
        same.course = course
        same._opened = {machine: copy(row) for machine, row in self._opened.items()}
        return same

    # --- who and when

    def by(self, role: str) -> User:
        """Somebody who holds `role`."""
        if isinstance(self._who, User):
            return self._who
        if role not in self._users:
            self._users[role] = self._who(role, at=self.course.centre)
        return self._users[role]

    def other(self, role: str) -> User:
        """Somebody who holds `role` and is another person, also where one does everything."""
        if not isinstance(self._who, User):
            return self.by(role)
        name = f"second.{self._who.username}"
        made, fresh = User.objects.get_or_create(
            username=name, defaults={"working_centre": self.course.centre, "password": "!"}
        )
        if fresh:
            for held in self._who.memberships.all():
                made.memberships.create(
                    centre=held.centre, role=held.role, granted_at=self.now, granted_by="test"
                )
        return made

    def at(self, day: int, hour: int = 8) -> datetime:
        """A moment on a day number, in the centre's zone."""
        on = DAY_ZERO + timedelta(days=day)
        return datetime(on.year, on.month, on.day, hour, tzinfo=self.course.centre.zone)

    def until(self, day: int) -> Self:
        """Let the morning of a day number come, unless it has gone by."""
        self.now = max(self.now, self.at(day))
        return self

    def tick(self) -> datetime:
        """The next moment."""
        self.now += self._pace
        return self.now

    # --- single deeds

    def go(self, target: str, role: str = "haematologist", **order: Any) -> Change:
        """Move the journey; an end for the patient's or the meeting's sake unless it is said."""
        if target in ENDINGS:
            order = {"details": ENDINGS[target], **order}
        change = advance(
            course_id=self.course.pk,
            order=self._order(target, order),
            actor=self.by(role),
            now=self.now,
        )
        self.course.refresh_from_db()
        return change

    def open(self, machine: str, role: str = "haematologist", **values: Any) -> Companion:
        """Open a companion."""
        companion = open_companion(
            course_id=self.course.pk,
            machine=machine,
            values=values,
            actor=self.by(role),
            now=self.tick(),
        )
        self.course.refresh_from_db()
        self._opened[machine] = companion
        return companion

    def latest(self, machine: str) -> Companion:
        """The companion opened last; eligibility reviews open by themselves."""
        if machine == "eligibility":
            return self.course.eligibilityreviews.latest("pk")
        return self._opened[machine]

    def move(self, machine: str, target: str, role: str = "haematologist", **order: Any) -> Change:
        """Move the latest companion of a machine; what it must say besides is that nobody knows."""
        if (machine, target) == ("product", "infused") and not order.get("overrides"):
            self.administer()
        if (machine, target) == ("apheresis", "cleared"):
            order = {**order, "overrides": SLOT_TOLD | order.get("overrides", {})}
        told = {**TOLD.get((machine, target), {}), **order.get("details", {})}
        order = {**order, "details": told} if told else order
        change = move_companion(
            course_id=self.course.pk,
            machine=machine,
            pk=self.latest(machine).pk,
            order=self._order(target, order),
            actor=self.by(role),
            now=self.now,
        )
        self.course.refresh_from_db()
        if machine == "product":
            self._pace = _MINUTE if target == "thawing" else _HOUR
        return change

    def _order(self, target: str, given: dict[str, Any]) -> MoveOrder:
        return MoveOrder(**{"target": target, "happened_at": self.tick(), **given})

    def note(self, entry: str, /, **values: Any) -> None:
        """Add an entry to the chart."""
        add_entry(
            course_id=self.course.pk,
            kind=entry,
            values=values,
            actor=self.by("coordinator"),
            now=self.tick(),
        )

    def hold(self, step: str, reason_code: str = "PERSONAL", **values: Any) -> Hold:
        """Hold a step from the walk's today, unless `began_on` says otherwise."""
        now = self.tick()
        return open_hold(
            course_id=self.course.pk,
            step=step,
            reason_code=reason_code,
            actor=self.by("coordinator"),
            now=now,
            **{"began_on": now.date(), **values},
        )

    def release(self, hold: Hold, on: date | None = None) -> None:
        """End a hold."""
        now = self.tick()
        end_hold(hold_id=hold.pk, ended_on=on or now.date(), actor=self.by("coordinator"), now=now)

    # --- stretches of the way

    def prepare(self) -> Self:
        """What enrolment waits for: consents, the check of identity; and an earlier treatment."""
        self.note("line", on="2024", treatment="GIMEMA LAL1913")
        for kind in ("assessment", "data"):
            self.note("consent", on=str(self.course.referred_on), kind=kind, given=True)
        actor = self.by("coordinator")
        verify_identity(patient_id=self.course.patient_id, actor=actor, now=self.tick())
        return self

    def to_eligibility(self) -> Self:
        """Enrolled, with an open review."""
        self.prepare().until(-40)
        self.go("eligibility", "coordinator")
        return self

    def to_apheresis(self) -> Self:
        """Accepted by the meeting."""
        self.to_eligibility().until(-39)
        self.move("eligibility", "assessing", "coordinator")
        self.until(-36).assess().move("eligibility", "mdt_review", "coordinator")
        self.until(-35).meet().move("eligibility", "accepted")
        self.go("apheresis", "coordinator")
        return self

    def collect(self) -> Companion:
        """An adequate collection."""
        attempt = self.open("apheresis", "coordinator", planned_on=self.now.date())
        self.pass_gate("collection")
        for target in ("cleared", "in_progress"):
            self.move("apheresis", target, "apheresis_nurse")
        number = {"din": f"A999926{attempt.pk % 1_000_000:06d}"}
        self.move("apheresis", "completed", "apheresis_nurse", details=number)
        self.move("apheresis", "adequate", "cell_lab", details={"cd3_yield": "2.1"})
        return attempt

    def to_bridging(self) -> Self:
        """Containment, collection, order and shipment."""
        self.ship().until(-28).go("bridging", "coordinator")
        return self

    def ship(self) -> Self:
        """All that bridging waits for."""
        self.to_apheresis()
        self.open("containment", drug="dexamethasone", drug_class="systemic_steroid")
        self.until(-34).move("containment", "given", "ward_nurse")
        self.until(-30).collect()
        self.until(-29).open("product", "coordinator", order_number="ORD-1")
        self.move("product", "material_shipped", "cell_lab")
        return self

    def make(self) -> Self:
        """Manufactured and stored on site."""
        for day, target in enumerate(("at_manufacturer", "manufacturing", "qc"), start=-26):
            self.until(day).move("product", target, "coordinator")
        self.until(-23).release_product()
        self.until(-22).move("product", "shipped_to_site", "coordinator")
        self.until(-8).receive()
        self.move("product", "stored", "cell_lab")
        return self

    def certify(self, dose_per_kg: str = "1.0", dose_total: str = "70") -> None:
        """The certificate of analysis of the latest product, dated the walk's today.

        It counts with the 70 kg of the chart.
        """
        on = str(self.now.astimezone(self.course.centre.zone).date())
        self.note("lab", on=on, analyte="WEIGHT", value="70", unit="kg")
        self.note("lab", on=on, analyte="HEIGHT", value="170", unit="cm")
        self.paper(
            "product", "certificate", issued_on=str(self.now.date()), viability="91",
            dose_per_kg=dose_per_kg, dose_total=dose_total,
        )  # fmt: skip

    def paper(self, machine: str, kind: str, role: str = "coordinator", **values: Any) -> Paper:
        """Add a paper to the latest companion of a machine."""
        return add_paper(
            course_id=self.course.pk,
            machine=machine,
            pk=self.latest(machine).pk,
            kind=kind,
            values=values,
            actor=self.by(role),
            now=self.tick(),
        )

    def administer(self) -> None:
        """The record of the infusion, unless there is one: begun at its step, over soon after."""
        pk, zone = self.latest("product").pk, self.course.centre.zone
        steps = [c for c in load_state(self.course).standing_changes if c.target == "infusion"]
        if not steps or Administration.objects.filter(product=pk).exists():
            return
        begun, over = (
            at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
            for at in (steps[-1].happened_at, min(self.now, steps[-1].happened_at + 20 * _MINUTE))
        )
        self.paper(
            "product", "administration", "ward_nurse", infusion_started_at=begun,
            infusion_ended_at=over, volume_ml="68",
        )  # fmt: skip

    def release_product(self) -> None:
        """Released with its certificate, its lot and its expiry, under the order's identity."""
        self.name_order()
        self.certify()
        labels = {"lot": f"LOT-{self.latest('product').pk}", "expires_on": "2027-09-27"}
        self.move("product", "released", "coordinator", details=labels)

    def name_order(self) -> None:
        """The manufacturer's chain of identity on the order, unless it stands there already."""
        pk = self.latest("product").pk
        if not Order.objects.filter(product=pk).exclude(coi_id="").exists():
            self.paper("product", "order", coi_id=f"COI-{pk}")

    def receive(self) -> None:
        """Checked by two people, then received."""
        self.name_order()
        self.check("receipt", "cell_lab", "pharmacist")
        self.move("product", "received", "cell_lab")

    def check(self, kind: str, first: str, second: str, **misread: Any) -> IdentityCheck:
        """Two people check the identity of the latest product; `misread` is the first one's."""
        check = self.open_check(kind, first)
        if not self.read(check, self.by(first), **misread).mismatches:
            self.read(check, self.other(second))
        return check

    def open_check(self, kind: str, role: str) -> IdentityCheck:
        """Begin a check of the latest product."""
        return open_check(
            course_id=self.course.pk,
            product_id=self.latest("product").pk,
            kind=kind,
            actor=self.by(role),
            now=self.tick(),
        )

    def read(self, check: IdentityCheck, person: User, **misread: Any) -> IdentityScan:
        """Read what the labels say, except for what is `misread`, a minute after the last deed."""
        self.now += timedelta(minutes=1)
        return sign_scan(
            course_id=self.course.pk,
            check_id=check.pk,
            read=labels_of(check) | misread,
            signed_in_at=self.now,
            actor=person,
            now=self.now,
        )

    def to_lymphodepletion(self) -> Self:
        """Bridging held and resumed, the product made and stored."""
        self.pass_to_lymphodepletion().go("lymphodepletion")
        return self

    def pass_to_lymphodepletion(self) -> Self:
        """All that lymphodepletion waits for, its gate passed."""
        self.to_bridging().until(-27)
        self.open("bridging", drug="inotuzumab ozogamicin", drug_class="inotuzumab")
        self.move("bridging", "running")
        self.until(-24).move("bridging", "on_hold", reason="fever")
        self.until(-22).move("bridging", "running")
        self.until(-20).move("bridging", "closed", details={"last_dose_on": "2026-09-28"})
        self.make().until(-7)
        return self.pass_gate("lymphodepletion")

    def deplete(self) -> Self:
        """Lymphodepletion given to the end, two days before day 0."""
        self.until(-6).plan("infusion", DAY_ZERO)
        self.open("lymphodepletion", regimen="Flu/Cy")
        self.pass_gate("lymphodepletion")
        self.give_regimen().move("lymphodepletion", "complete", "ward_nurse")
        return self.until(0)

    def plan(self, kind: str, on: date, reason: str = "") -> None:
        """Plan the date of an anchor."""
        plan_date(
            course_id=self.course.pk,
            kind=kind,
            planned_on=on,
            reason=reason,
            delay_code="PERSONAL" if reason else "",
            actor=self.by("coordinator"),
            now=self.tick(),
        )
        self.course.refresh_from_db()

    def doses(self, machine: str) -> list[DoseFacts]:
        """The doses of the companion opened last, as they stand."""
        pk = self.latest(machine).pk
        rows = load_state(self.course).of(machine)
        return list(next(row for row in rows if row.pk == pk).doses)

    def give(self, machine: str, number: int, role: str = "ward_nurse", **given: Any) -> Dose:
        """Give a dose of the latest companion of a machine, now: as ordered, or as it comes to."""
        dose = next(dose for dose in self.doses(machine) if dose.number == number)
        if dose.per_m2 is not None:
            given = {"amount": dose.amount or dose.per_m2 * SURFACE, **given}
        standing = give_dose(
            dose_id=dose.pk,
            given=DoseGiven(**{"given_at": self.tick(), **given}),
            actor=self.by(role),
            now=self.now,
        )
        self.course.refresh_from_db()
        return standing

    def order(self, machine: str, *orders: DoseOrder, **given: Any) -> tuple[Dose, ...]:
        """Order doses for the latest companion of a machine."""
        written = order_doses(
            course_id=self.course.pk,
            machine=machine,
            pk=self.latest(machine).pk,
            orders=orders,
            actor=self.by("haematologist"),
            now=self.tick(),
            **given,
        )
        self.course.refresh_from_db()
        return written

    def give_regimen(self) -> Self:
        """Every dose of lymphodepletion on its day."""
        for dose in self.doses("lymphodepletion"):
            if dose.planned_on is not None:
                self.until((dose.planned_on - DAY_ZERO).days)
            self.give("lymphodepletion", dose.number)
        return self

    def to_infusion(self) -> Self:
        """Admission, flu/cy, thawing, day 0; that the bag is empty is not recorded yet."""
        self.pass_to_infusion().go("infusion")
        return self

    def pass_to_infusion(self) -> Self:
        """All that the infusion waits for: its gate passed, the bag checked by two people."""
        self.to_lymphodepletion().until(-6)
        self.admit()
        self.deplete()
        self.thaw().check("bedside", "ward_nurse", "haematologist")
        return self

    def thaw(self, *leaving: str, **order: Any) -> Self:
        """The gate to infusion recorded but for `leaving`, then the bag out of the tank."""
        self.pass_gate("infusion", *leaving).move("product", "thawing", "cell_lab", **order)
        return self

    def admit(self) -> None:
        """Into the ward."""
        admit(
            course_id=self.course.pk,
            unit="ward",
            place="Haematology",
            on=self.now.date(),
            actor=self.by("ward_nurse"),
            now=self.tick(),
        )

    def to_follow_up(self) -> Self:
        """Infused, discharged on day 14."""
        self.come_home().go("follow_up")
        return self

    def come_home(self) -> Self:
        """All that follow-up waits for."""
        self.to_infusion().move("product", "infused")
        self.until(14)
        log_check(
            course_id=self.course.pk,
            seen=without_signs(self.course, self.now),
            actor=self.by("ward_nurse"),
            now=self.tick(),
        )
        discharge(
            course_id=self.course.pk,
            on=self.now.date(),
            actor=self.by("ward_nurse"),
            now=self.tick(),
        )
        return self.pass_gate("discharge")
