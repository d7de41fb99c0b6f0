"""Walking a course through the real services, as people of the right roles would."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import User
from pathway.models import Change, Companion
from pathway.opening import open_companion
from pathway.transitions import MoveOrder, advance, move_companion
from patients import charting, people, stays
from patients.models import Course


@dataclass
class Walk:
    """One course on its way; `now` steps on by an hour with each deed."""

    course: Course
    user_with: Callable[..., User]
    now: datetime
    users: dict[str, User] = field(default_factory=dict)

    def by(self, role: str) -> User:
        """Somebody who holds `role`."""
        if role not in self.users:
            self.users[role] = self.user_with(role, at=self.course.centre)
        return self.users[role]

    def tick(self) -> datetime:
        """The next moment."""
        self.now += timedelta(hours=1)
        return self.now

    def consent(self) -> "Walk":
        """Give what referral → eligibility asks for."""
        now = self.tick()
        for kind in ("assessment", "data"):
            charting.add_entry(
                course_id=self.course.pk,
                kind="consent",
                values={"kind": kind, "given": True, "on": str(self.course.referred_on)},
                actor=self.by("coordinator"),
                now=now,
            )
        people.verify_identity(
            patient_id=self.course.patient_id, actor=self.by("coordinator"), now=now
        )
        return self

    def go(self, target: str, role: str = "haematologist", **order: Any) -> Change:
        """Move the journey."""
        now = self.tick()
        order.setdefault("happened_at", now)
        return advance(
            course_id=self.course.pk,
            order=MoveOrder(target=target, **order),
            actor=self.by(role),
            now=now,
        )

    def open(self, machine: str, role: str, **values: Any) -> Companion:
        """Open a companion."""
        return open_companion(
            course_id=self.course.pk,
            machine=machine,
            values=values,
            actor=self.by(role),
            now=self.tick(),
        )

    def move(
        self, companion: Companion, machine: str, target: str, role: str, **order: Any
    ) -> Change:
        """Move a companion."""
        now = self.tick()
        order.setdefault("happened_at", now)
        return move_companion(
            course_id=self.course.pk,
            machine=machine,
            pk=companion.pk,
            order=MoveOrder(target=target, **order),
            actor=self.by(role),
            now=now,
        )

    def to_eligibility(self) -> "Walk":
        """Enrolled, with an open review."""
        self.consent()
        self.go("eligibility", "coordinator")
        return self

    def to_apheresis(self) -> "Walk":
        """Accepted by the meeting."""
        self.to_eligibility()
        review = self.course.eligibilityreviews.latest("pk")
        self.move(review, "eligibility", "assessing", "coordinator")
        self.move(review, "eligibility", "mdt_review", "coordinator")
        self.move(review, "eligibility", "accepted", "haematologist")
        self.go("apheresis", "coordinator")
        return self

    def collect(self) -> Companion:
        """An adequate collection."""
        attempt = self.open("apheresis", "coordinator", planned_on=self.now.date())
        self.move(attempt, "apheresis", "cleared", "apheresis_nurse")
        self.move(attempt, "apheresis", "in_progress", "apheresis_nurse")
        self.move(attempt, "apheresis", "completed", "apheresis_nurse")
        self.move(attempt, "apheresis", "adequate", "cell_lab")
        return attempt

    def to_bridging(self) -> Companion:
        """Collected and shipped; answers the product."""
        self.to_apheresis()
        self.collect()
        product = self.open("product", "coordinator", order_number="ORD-1")
        self.move(product, "product", "material_shipped", "cell_lab")
        self.go("bridging", "coordinator")
        return product

    def make(self, product: Companion) -> Companion:
        """Manufactured and stored on site."""
        for target in ("at_manufacturer", "manufacturing", "qc", "released", "shipped_to_site"):
            self.move(product, "product", target, "coordinator")
        self.move(product, "product", "received", "cell_lab")
        self.move(product, "product", "stored", "cell_lab")
        return product

    def to_lymphodepletion(self) -> Companion:
        """Ready, with the first dose due; answers the product."""
        product = self.make(self.to_bridging())
        self.go("lymphodepletion")
        return product

    def deplete(self) -> Companion:
        """Lymphodepletion given to the end, then two days of rest."""
        depletion = self.open("lymphodepletion", "haematologist", regimen="Flu/Cy")
        self.move(depletion, "lymphodepletion", "in_progress", "ward_nurse")
        self.move(depletion, "lymphodepletion", "complete", "ward_nurse")
        self.now += timedelta(days=2)
        return depletion

    def to_infusion(self) -> "Walk":
        """Admitted, depleted, thawed, infused."""
        product = self.to_lymphodepletion()
        self.admit(self.now.date())
        self.deplete()
        self.move(product, "product", "thawing", "cell_lab")
        self.go("infusion")
        self.move(product, "product", "infused", "haematologist")
        return self

    def admit(self, on: date) -> None:
        """Into the ward."""
        stays.admit(
            course_id=self.course.pk,
            unit="ward",
            place="Haematology",
            on=on,
            actor=self.by("ward_nurse"),
            now=self.tick(),
        )

    def to_follow_up(self) -> "Walk":
        """Discharged after eighteen days."""
        self.to_infusion()
        self.now += timedelta(days=18)
        stays.discharge(
            course_id=self.course.pk,
            on=self.now.date(),
            actor=self.by("ward_nurse"),
            now=self.tick(),
        )
        self.go("follow_up")
        return self
