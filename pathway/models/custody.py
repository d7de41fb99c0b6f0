"""The chain of custody of a product: append-only, each entry with the hash of the one before."""

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from pathway.domain.custody import (
    ACT_NAMES,
    CONDITIONS,
    SHIPPED,
    TEMPERATURES,
    Link,
    faults_of,
    faults_of_shipment,
)
from pathway.models.companions import Product
from patients.models import Course

_HASH = 64
# What the hash is made of, besides the number and the hash before.
SAID = (
    "product_id", "act", "handed_from", "handed_to", "place", "at", "temperature", "condition",
    "seal", "remark", "signer_id", "witness_id", "about", "cause", "recorded_at",
)  # fmt: skip


class CustodyEntry(models.Model):
    """Somebody had the product in hand. Empty texts were not recorded.

    `about` is the number of the entry that is witnessed or has a deviation number; `cause` keys
    the move or the check that an entry follows by itself. `number` and `previous` make a chain per
    product: the database refuses a second entry after the same one.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="custody_entries")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="custody_entries")
    number = models.PositiveIntegerField()
    act = models.CharField(max_length=12)
    handed_from = models.CharField(_("from"), max_length=80, blank=True)
    handed_to = models.CharField(_("to"), max_length=80, blank=True)
    place = models.CharField(_("place"), max_length=80, blank=True)
    at = models.DateTimeField(_("time"))
    on = models.DateField()  # the local day of `at`
    temperature = models.CharField(_("temperature"), max_length=12, blank=True)
    celsius = models.DecimalField(
        _("degrees Celsius"), max_digits=5, decimal_places=1, null=True, blank=True
    )
    condition = models.CharField(_("condition"), max_length=8, blank=True)
    seal = models.CharField(_("seal"), max_length=60, blank=True)
    remark = models.CharField(_("remark"), max_length=200, blank=True)
    signer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    witness = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    about = models.PositiveIntegerField(null=True, blank=True)
    cause = models.CharField(max_length=40, blank=True)
    recorded_at = models.DateTimeField()
    previous = models.CharField(max_length=_HASH)
    hash = models.CharField(max_length=_HASH)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="custody_in_order"),
            models.UniqueConstraint(fields=["product", "previous"], name="custody_never_forks"),
            models.UniqueConstraint(
                fields=["product", "act", "about"], condition=Q(about__isnull=False),
                name="custody_witnessed_once",
            ),
            models.CheckConstraint(
                condition=Q(act__in=list(ACT_NAMES))
                & Q(temperature__in=["", *TEMPERATURES])
                & Q(condition__in=["", *CONDITIONS]),
                name="custody_known",
            ),
            models.CheckConstraint(
                condition=Q(witness=None) | ~Q(witness=F("signer")), name="custody_two_people"
            ),
        ]  # fmt: skip
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    @property
    def said(self) -> dict[str, Any]:
        """Everything the entry says, as its hash covers it.

        Entries from before degrees were kept have none in their hash.
        """
        degrees = {} if self.celsius is None else {"celsius": self.celsius}
        return {**{name: getattr(self, name) for name in SAID}, **degrees}

    @property
    def faults(self) -> tuple[str, ...]:
        """What of it stops the product, as msgids; what follows a move or a check does not."""
        said = {"temperature": self.temperature, "condition": self.condition}
        if self.cause.startswith(SHIPPED):
            return faults_of_shipment(said)
        return () if self.cause else faults_of(self.act, said)

    @property
    def link(self) -> Link:
        """The entry as the chain sees it."""
        return Link(self.number, self.said, self.previous, self.hash)
