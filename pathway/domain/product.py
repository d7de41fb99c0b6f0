"""The product: from the order to the infusion, with every way it can be lost."""

from pathway.domain import collection_guards as c
from pathway.domain import dose_guards as d
from pathway.domain import guards as g
from pathway.domain import identity_guards as i
from pathway.domain import product_guards as p
from pathway.domain import release_guards as rg
from pathway.domain import thaw_guards as t
from pathway.domain.gate_rules import Gate
from pathway.domain.gates import gate_passed
from pathway.domain.machine import Machine, Move
from pathway.domain.product_states import PRODUCT_LABELS, Product
from terms.roles import Role
from terms.words import N_

_CO, _HA, _CL, _PH = Role.COORDINATOR, Role.HAEMATOLOGIST, Role.CELL_LAB, Role.PHARMACIST
# What the manufacturer reports is entered by whoever hears it.
_NEWS = (_CO, _PH, _CL)
_STORE = (_CL, _PH)
_QA = (Role.QUALITY,)

# Where nobody needs it any more, such as after a death, quality ends what is not yet in the tank.
_UNUSED = (
    Product.MATERIAL_SHIPPED,
    Product.MATERIAL_EXCURSION,
    Product.AT_MANUFACTURER,
    Product.MANUFACTURING,
    Product.QC,
    Product.RELEASED,
    Product.OOS_ACCEPTED,
    Product.SHIPPED_TO_SITE,
    Product.PRODUCT_EXCURSION,
    Product.RECEIVED,
)
# An end that was recorded by a slip leads back to the state it was recorded from, and only there.
_SLIPS = tuple(
    Move(end, state, (*_QA, _HA), (p.slip_from(state.value), *p.SLIP), back=True)
    for end, states in {
        Product.FAILED: (Product.MANUFACTURING, Product.QC),
        Product.REJECTED: (Product.MATERIAL_EXCURSION, Product.AT_MANUFACTURER),
        Product.DISCARDED: (*_UNUSED, Product.OOS, Product.QUARANTINED, Product.STORED),
        Product.WASTED: (Product.THAWING,),
        Product.CANCELLED: (Product.ORDERED,),
    }.items()
    for state in states
)

PRODUCT: Machine[Product] = Machine(
    name="product",
    label=N_("Product"),
    states=Product,
    starts=(Product.ORDERED,),
    ends=frozenset(
        {
            Product.INFUSED,
            Product.FAILED,
            Product.REJECTED,
            Product.DISCARDED,
            Product.WASTED,
            Product.CANCELLED,
        }
    ),
    moves=(
        Move(
            Product.ORDERED,
            Product.MATERIAL_SHIPPED,
            (*_NEWS, _HA),  # who alone may ship it unnamed
            (g.alive_then, c.collection_adequate, rg.material_named, i.custody_settled),
        ),
        Move(Product.ORDERED, Product.CANCELLED, (_CO, _HA), reasoned=True),
        Move(Product.MATERIAL_SHIPPED, Product.AT_MANUFACTURER, _NEWS, (i.custody_settled,)),
        Move(Product.MATERIAL_SHIPPED, Product.MATERIAL_EXCURSION, _NEWS, reasoned=True),
        Move(
            Product.MATERIAL_EXCURSION,
            Product.AT_MANUFACTURER,
            _NEWS,
            (i.custody_settled,),
            reasoned=True,
        ),
        Move(Product.MATERIAL_EXCURSION, Product.REJECTED, _NEWS, reasoned=True),
        Move(Product.AT_MANUFACTURER, Product.MANUFACTURING, _NEWS),
        Move(Product.AT_MANUFACTURER, Product.REJECTED, _NEWS, reasoned=True),
        Move(Product.MANUFACTURING, Product.QC, _NEWS),
        Move(Product.MANUFACTURING, Product.FAILED, _NEWS, reasoned=True),
        Move(Product.QC, Product.RELEASED, (*_NEWS, _HA)),  # who alone may waive its papers
        Move(Product.QC, Product.OOS, _NEWS, reasoned=True),
        Move(Product.QC, Product.FAILED, _NEWS, reasoned=True),
        Move(
            Product.OOS,
            Product.OOS_ACCEPTED,
            (_HA,),
            (g.patient_alive, p.oos_record_complete, p.oos_signed_by_two),
            reasoned=True,
        ),
        Move(Product.OOS, Product.DISCARDED, _QA, reasoned=True),
        Move(Product.RELEASED, Product.SHIPPED_TO_SITE, _NEWS),
        Move(Product.OOS_ACCEPTED, Product.SHIPPED_TO_SITE, _NEWS),
        Move(
            Product.SHIPPED_TO_SITE,
            Product.RECEIVED,
            (*_STORE, _HA),  # as for its release
            (i.receipt_checked, i.custody_settled),
        ),
        Move(Product.SHIPPED_TO_SITE, Product.QUARANTINED, _STORE, reasoned=True),
        Move(Product.SHIPPED_TO_SITE, Product.PRODUCT_EXCURSION, _STORE, reasoned=True),
        Move(Product.PRODUCT_EXCURSION, Product.QUARANTINED, _STORE, reasoned=True),
        Move(Product.RECEIVED, Product.STORED, _STORE, (p.not_expired, i.custody_settled)),
        Move(Product.RECEIVED, Product.QUARANTINED, _STORE, reasoned=True),
        Move(Product.STORED, Product.QUARANTINED, _STORE, reasoned=True),
        Move(
            Product.QUARANTINED,
            Product.STORED,
            _QA,
            (
                p.not_expired,
                i.receipt_checked,
                i.never_thawed,
                i.deviations_numbered,
                i.custody_settled,
            ),
            reasoned=True,
        ),
        Move(
            Product.QUARANTINED,
            Product.DISCARDED,
            _QA,
            (i.deviations_numbered, i.custody_settled),
            reasoned=True,
        ),
        Move(
            Product.STORED,
            Product.THAWING,
            (*_STORE, _HA),  # who alone may waive the interval
            (
                g.alive_then,
                g.stage_is("lymphodepletion"),
                p.not_expired,
                p.expiry_known,
                p.certificate_known,
                p.dose_on_target,
                p.dose_for_weight,
                p.weight_recent,
                i.custody_settled,
                g.depletion_complete,
                g.depletion_interval,
                d.inside_hold_clock,
                g.no_hold_on("lymphodepletion", "infusion"),
            ),
            # What can be known before is asked before: a thawed bag waits for nobody.
            checklists=(gate_passed(Gate.INFUSION, before="thaw"),),
        ),
        Move(Product.STORED, Product.DISCARDED, _QA, reasoned=True),
        Move(
            Product.THAWING,
            Product.INFUSED,
            (_HA, Role.WARD_NURSE),
            (
                g.alive_then,
                g.stage_is("infusion"),
                p.infused_in_time,
                p.administration_known,
                t.infused_while_stable,
                t.given_while_stable,
                t.infused_quickly,
                t.stable_to_the_end,
                i.given_as_checked,
            ),
        ),
        # A mismatch at the bedside: what was thawed never goes back to the tank. Where quality
        # finds under the deviation's number that it is the patient's own, it comes back to the
        # bedside, its clock running on, and two people check it anew.
        Move(
            Product.THAWING,
            Product.QUARANTINED,
            (Role.WARD_NURSE, _HA, *_STORE),
            reasoned=True,
        ),
        Move(
            Product.QUARANTINED,
            Product.THAWING,
            _QA,
            (
                p.slip_from(Product.THAWING.value),
                g.stage_is("lymphodepletion", "infusion"),
                t.still_stable,
                i.deviations_numbered,
                i.custody_settled,
                *p.SLIP,
            ),
            back=True,
            slip=True,
        ),
        Move(Product.THAWING, Product.WASTED, (_CL, _HA), reasoned=True),
        *(
            Move(state, Product.DISCARDED, _QA, (i.custody_settled,), reasoned=True)
            for state in _UNUSED
        ),
        *_SLIPS,
    ),
    labels=PRODUCT_LABELS,
)
