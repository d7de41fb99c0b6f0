"""What a shipment's paper says against a product stops it like an entry of custody does."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from pathway.custody import note
from pathway.custody_rows import append
from pathway.domain.custody import SHIPPED, Act
from pathway.loading import load_state
from pathway.models import Product, Shipment
from pathway.quarantining import stop_on_fault
from terms.words import N_

_REMARKS = {
    "in_range": N_("Shipment: temperature not in range all the way."),
    "accepted": N_("Shipment: not accepted on arrival."),
}


def stop_on_shipment(product: Product, paper: Shipment, actor: User, now: datetime) -> None:
    """Note in the chain of custody what a paper says, and stop what can still be stopped.

    The entry waits for its deviation number, on a later paper that says otherwise, too.
    """
    said = [text for name, text in _REMARKS.items() if getattr(paper, name) is False]
    if not said:
        return
    entry = append(
        product, Act.EXCURSION if paper.in_range is False else Act.NOT_ACCEPTED, now, actor, now,
        temperature="out_of_range" if paper.in_range is False else "",
        remark=" ".join(_(text) for text in said),
        cause=f"{SHIPPED}{paper.pk}",
    )  # fmt: skip
    note(entry, "custody.write", actor, now)
    state = load_state(product.course)
    cause = f"custody:{entry.pk}"
    stop_on_fault(state, product, entry.faults, cause=cause, actor=actor, now=now)
