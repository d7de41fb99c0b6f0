"""Where a product stands, with the name of each state."""

from enum import StrEnum

from terms.words import N_


class Product(StrEnum):
    """Where the product stands."""

    ORDERED = "ordered"
    MATERIAL_SHIPPED = "material_shipped"
    MATERIAL_EXCURSION = "material_excursion"
    AT_MANUFACTURER = "at_manufacturer"
    MANUFACTURING = "manufacturing"
    QC = "qc"
    OOS = "oos"
    OOS_ACCEPTED = "oos_accepted"
    RELEASED = "released"
    SHIPPED_TO_SITE = "shipped_to_site"
    PRODUCT_EXCURSION = "product_excursion"
    RECEIVED = "received"
    QUARANTINED = "quarantined"
    STORED = "stored"
    THAWING = "thawing"
    INFUSED = "infused"
    FAILED = "failed"
    REJECTED = "rejected"
    DISCARDED = "discarded"
    WASTED = "wasted"
    CANCELLED = "cancelled"


PRODUCT_LABELS: dict[Product, str] = {
    Product.ORDERED: N_("Ordered"),
    Product.MATERIAL_SHIPPED: N_("Material shipped"),
    Product.MATERIAL_EXCURSION: N_("Temperature excursion of the material"),
    Product.AT_MANUFACTURER: N_("At the manufacturer"),
    Product.MANUFACTURING: N_("In manufacture"),
    Product.QC: N_("Quality control"),
    Product.OOS: N_("Out of specification"),
    Product.OOS_ACCEPTED: N_("Out of specification, accepted"),
    Product.RELEASED: N_("Released"),
    Product.SHIPPED_TO_SITE: N_("On its way back"),
    Product.PRODUCT_EXCURSION: N_("Temperature excursion of the product"),
    Product.RECEIVED: N_("Received"),
    Product.QUARANTINED: N_("Quarantined"),
    Product.STORED: N_("Stored on site"),
    Product.THAWING: N_("Thawing"),
    Product.INFUSED: N_("Infused"),
    Product.FAILED: N_("Manufacture failed"),
    Product.REJECTED: N_("Rejected"),
    Product.DISCARDED: N_("Discarded"),
    Product.WASTED: N_("Wasted"),
    Product.CANCELLED: N_("Order cancelled"),
}
