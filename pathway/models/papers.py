"""The papers of collections and products: append-only, the latest of a kind counts."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from pathway.domain.paper_facts import CAPACITIES, INCIDENT_CATEGORIES
from pathway.models.companions import ApheresisAttempt, Product


class Paper(models.Model):
    """What every paper carries."""

    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    source = models.CharField(max_length=30, blank=True)

    class Meta:
        abstract = True
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]


class ProductPaper(Paper):
    """A paper of a product."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="%(class)ss")

    class Meta(Paper.Meta):
        abstract = True


class AttemptPaper(Paper):
    """A paper of an apheresis attempt."""

    attempt = models.ForeignKey(
        ApheresisAttempt, on_delete=models.PROTECT, related_name="%(class)ss"
    )

    class Meta(Paper.Meta):
        abstract = True


class Order(ProductPaper):
    """What the manufacturer confirmed."""

    coi_id = models.CharField(_("chain-of-identity ID"), max_length=60, blank=True)
    slot_on = models.DateField(_("manufacturing slot"), null=True, blank=True)
    release_on = models.DateField(_("estimated release"), null=True, blank=True)
    site_on = models.DateField(_("expected on site"), null=True, blank=True)
    remark = models.CharField(_("remark"), max_length=200, blank=True)


class Shipment(ProductPaper):
    """One leg: the material to the manufacturer, or the product back to the site."""

    leg = models.CharField(
        _("leg"),
        max_length=10,
        choices=[
            ("material", _("Material to the manufacturer")),
            ("product", _("Product to the site")),
        ],
    )
    courier = models.CharField(_("courier"), max_length=80, blank=True)
    waybill = models.CharField(_("waybill"), max_length=60, blank=True)
    logger = models.CharField(_("temperature logger"), max_length=60, blank=True)
    seal = models.CharField(_("seal"), max_length=60, blank=True)
    picked_up_at = models.DateTimeField(_("picked up"), null=True, blank=True)
    arrived_at = models.DateTimeField(_("arrived"), null=True, blank=True)
    accepted = models.BooleanField(_("accepted on arrival"), null=True, blank=True)
    in_range = models.BooleanField(_("temperature in range all the way"), null=True, blank=True)


class Certificate(ProductPaper):
    """The certificate of analysis. Doses in 10⁶ CAR+ viable T cells."""

    issued_on = models.DateField(_("issued on"))
    viability = models.DecimalField(
        _("viability (%)"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    car_positive = models.DecimalField(
        _("CAR+ cells (%)"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    dose_per_kg = models.DecimalField(
        _("dose (10⁶ CAR+/kg)"), max_digits=9, decimal_places=4, null=True, blank=True
    )
    dose_total = models.DecimalField(
        _("total dose (10⁶ CAR+)"), max_digits=10, decimal_places=3, null=True, blank=True
    )

    class Meta(ProductPaper.Meta):
        constraints = [
            models.CheckConstraint(
                condition=(Q(viability=None) | Q(viability__lte=100))
                & (Q(car_positive=None) | Q(car_positive__lte=100)),
                name="certificate_percent",
            )
        ]


class OosRecord(ProductPaper):
    """The four-part record of a product out of specification, and that the patient knows."""

    physician_request_on = models.DateField(_("physician's request"), null=True, blank=True)
    risk_evaluation_on = models.DateField(
        _("manufacturer's risk evaluation"), null=True, blank=True
    )
    risk_reference = models.CharField(_("reference of the evaluation"), max_length=80, blank=True)
    physician_accepted_on = models.DateField(
        _("physician's recorded acceptance"), null=True, blank=True
    )
    authority_notice_on = models.DateField(_("notice to the authority"), null=True, blank=True)
    authority_reference = models.CharField(_("reference of the notice"), max_length=80, blank=True)
    patient_informed_on = models.DateField(_("patient informed"), null=True, blank=True)


class OosSignature(models.Model):
    """One of the two signatures under an out-of-specification record: append-only."""

    record = models.ForeignKey(OosRecord, on_delete=models.PROTECT, related_name="signatures")
    capacity = models.CharField(max_length=16, choices=list(CAPACITIES.items()))
    signer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record", "capacity"], name="oos_signed_once"),
            # Two different people: the database keeps it too.
            models.UniqueConstraint(fields=["record", "signer"], name="oos_two_people"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]


class Administration(ProductPaper):
    """Thaw and infusion at the bedside."""

    thaw_started_at = models.DateTimeField(_("thaw started"), null=True, blank=True)
    thaw_ended_at = models.DateTimeField(_("thaw ended"), null=True, blank=True)
    infusion_started_at = models.DateTimeField(_("infusion started"), null=True, blank=True)
    infusion_ended_at = models.DateTimeField(_("infusion ended"), null=True, blank=True)
    volume_ml = models.DecimalField(
        _("volume infused (mL)"), max_digits=7, decimal_places=1, null=True, blank=True
    )
    bag_number = models.CharField(_("bag number"), max_length=40, blank=True)
    line = models.CharField(_("venous line"), max_length=80, blank=True)
    reactions = models.CharField(_("reactions"), max_length=200, blank=True)


class Incident(ProductPaper):
    """Something that went wrong with a product, such as a broken bag."""

    happened_on = models.DateField(_("happened on"))
    # Empty of those that were recorded before there was one; whoever records one chooses.
    category = models.CharField(
        _("category"),
        max_length=20,
        choices=[(code, _(name)) for code, name in INCIDENT_CATEGORIES.items()],
        default="",
        db_default="",
    )
    report_number = models.CharField(_("report number"), max_length=40, blank=True)
    description = models.CharField(_("what happened"), max_length=300)

    class Meta(ProductPaper.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(category__in=["", *INCIDENT_CATEGORIES]), name="incident_category_known"
            )
        ]


class Clearance(AttemptPaper):
    """What was looked at before a collection."""

    cbc_on = models.DateField(_("blood count of"), null=True, blank=True)
    virology_on = models.DateField(_("virology resulted on"), null=True, blank=True)
    access = models.CharField(_("venous access"), max_length=80, blank=True)
    label_checked = models.BooleanField(_("label checked"), null=True, blank=True)


class Collection(AttemptPaper):
    """How a collection went."""

    device = models.CharField(_("device"), max_length=80, blank=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    processed_ml = models.DecimalField(
        _("volume processed (mL)"), max_digits=8, decimal_places=1, null=True, blank=True
    )
    acd_a_ml = models.DecimalField(
        _("ACD-A volume (mL)"), max_digits=8, decimal_places=1, null=True, blank=True
    )
    product_ml = models.DecimalField(
        _("product volume (mL)"), max_digits=7, decimal_places=1, null=True, blank=True
    )
    tnc = models.DecimalField(
        _("nucleated cells (10⁹)"), max_digits=8, decimal_places=3, null=True, blank=True
    )
    blasts_percent = models.DecimalField(
        _("blasts in the product (%)"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    reaction = models.CharField(_("adverse reaction"), max_length=200, blank=True)
    operator = models.CharField(_("operator"), max_length=80, blank=True)
    transport_celsius = models.DecimalField(
        _("transport temperature (°C)"), max_digits=5, decimal_places=1, null=True, blank=True
    )
