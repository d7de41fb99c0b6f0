"""A hold that a lost or doubtful product opened: nobody ends it lightly while its cause stands."""

from pathway.domain.facts import LOST_PRODUCT
from pathway.domain.product import PRODUCT
from pathway.effects import PRODUCT_HOLDS
from pathway.models import Product
from patients.domain.delays import PRODUCT_IDENTITY
from patients.domain.steps import Step
from patients.fact_values import HOLD
from patients.models import Correction, Hold
from patients.objections import Asked
from terms.refusals import Kind, Refusal
from terms.roles import Role
from terms.words import N_

_REASONS = frozenset({PRODUCT_IDENTITY, *PRODUCT_HOLDS.values()})


def refuse_release(asked: Asked) -> list[Refusal]:
    """The product that counts is still lost or in doubt; a haematologist's reason lets it end.

    A hold that somebody had opened for the same reason before stands for the interlock's own, also
    where another reason was put in its place since.
    """
    hold, actor = asked.hold, asked.actor
    if hold is None or hold.step != Step.INFUSION or not _by_product(hold):
        return []
    state = _state_in_doubt(asked)
    if not state or (Role.HAEMATOLOGIST in actor.roles and asked.reason.strip()):
        return []
    return [
        Refusal(
            code="cause_stands",
            message=N_(
                "The product is still lost or in doubt: %(state)s. "
                "Only a haematologist ends this hold, and says why."
            ),
            params={"state": PRODUCT.labels[PRODUCT.state(state)]},
            kind=Kind.SOFT,
            who_may=(Role.HAEMATOLOGIST.value,),
            field="remark",
        )
    ]


def _by_product(hold: Hold) -> bool:
    """Whether an interlock opened the hold, or it was ever said to be for the product."""
    if hold.source == "interlock" or hold.reason_code in _REASONS:
        return True
    corrected = Correction.objects.filter(course=hold.course_id, fact=HOLD, fact_id=hold.pk)
    return corrected.filter(before__reason_code__in=_REASONS).exists()


def _state_in_doubt(asked: Asked) -> str:
    """The state of the product that counts where it is lost or doubtful; empty otherwise."""
    products = Product.objects.filter(course=asked.course).order_by("pk")
    states = list(products.values_list("state", flat=True))
    standing = [state for state in states if state not in LOST_PRODUCT]
    counts = (standing or states)[-1:]
    return next((state for state in counts if state in PRODUCT_HOLDS), "")
