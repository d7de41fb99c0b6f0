"""Adding the papers of a collection or a product, and signing an out-of-specification record."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import record
from pathway.certificate_notices import tell_dose_in_doubt
from pathway.check_times import tell_over_time
from pathway.domain.paper_facts import CAPACITIES, OOS_PARTS
from pathway.labelling import stop_on_doubt
from pathway.loading import load_state
from pathway.loading_companions import MODELS
from pathway.models import Companion, OosRecord, OosSignature, Product, Shipment
from pathway.models.papers import Paper
from pathway.paper_forms import PaperForm, kinds_of
from pathway.shipping import stop_on_shipment
from patients.charting import refused_by
from patients.courses import lock_course
from terms.refusals import NotAllowed, Refusal, Refused
from terms.roles import ROLE_NAMES
from terms.words import N_


@transaction.atomic
def add_paper(
    *,
    course_id: int,
    machine: str,
    pk: int,
    kind: str,
    values: Mapping[str, Any],
    actor: User,
    now: datetime,
    source: str = "",
) -> Paper:
    """Add a paper of `kind` to a companion; the latest of a kind counts, earlier ones stay.

    Raises Refused with everything wrong at once, NotAllowed, Course.DoesNotExist, or the
    companion's DoesNotExist.
    """
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.KEEP_PAPERS)
    subject: Companion = MODELS[machine]._default_manager.get(course=course, pk=pk)
    if kind not in kinds_of(machine):
        raise Refused([Refusal(code="unknown_kind", message=N_("There is no such kind of paper."))])
    form = PaperForm(values, kind=kind, course=course, now=now)
    if not form.is_valid():
        raise refused_by(form)
    paper: Paper = form.kind.model._default_manager.create(
        **{"product" if machine == "product" else "attempt": subject},
        **form.cleaned_data,
        recorded_at=now,
        recorded_by=actor.get_username(),
        source=source,
    )
    if kind == "order" and isinstance(subject, Product):
        _follow_order(subject, form.cleaned_data["site_on"], paper, actor, now)
    if isinstance(paper, Shipment) and isinstance(subject, Product):
        stop_on_shipment(subject, paper, actor, now)
    if kind == "certificate":
        tell_dose_in_doubt(course, subject.pk, actor, now)
    if kind == "administration":
        tell_over_time(course, actor, now)
    record(
        actor=actor,
        now=now,
        action=f"{kind}.add",
        obj=paper,
        course_id=course.pk,
        patient_id=course.patient_id,
        after=form.cleaned_data,
    )
    return paper


def _follow_order(
    product: Product, site_on: date | None, paper: Paper, actor: User, now: datetime
) -> None:
    """Expect the product when the order says; another chain of identity than before stops it."""
    if site_on is not None:
        product.expected_on = site_on
        product.save(update_fields=["expected_on"])
    stop_on_doubt(load_state(product.course), product, f"order:{paper.pk}", actor, now)


@transaction.atomic
def sign_oos(
    *, course_id: int, pk: int, record_id: int, capacity: str, actor: User, now: datetime
) -> OosSignature:
    """Sign the out-of-specification record of product `pk` as haematologist or as quality.

    Two different people sign, each by their own call, the record that they saw: a newer one needs
    both signatures anew. Raises Refused with every reason at once, NotAllowed,
    Course.DoesNotExist, Product.DoesNotExist.
    """
    course = lock_course(course_id, actor=actor)
    product = Product.objects.get(course=course, pk=pk)
    latest = OosRecord.objects.filter(product=product).order_by("pk").last()
    refusals = _against_signing(product, latest, record_id, capacity, actor)
    if any(refusal.code == "role" for refusal in refusals):
        raise NotAllowed(refusals)
    if latest is None or refusals:
        raise Refused(refusals)
    signature = OosSignature.objects.create(
        record=latest, capacity=capacity, signer=actor, signed_at=now
    )
    record(
        actor=actor,
        now=now,
        action="oos.sign",
        obj=signature,
        course_id=course.pk,
        patient_id=course.patient_id,
        after={"product": product.pk, "record": latest.pk, "capacity": capacity},
    )
    return signature


def _against_signing(
    product: Product, latest: OosRecord | None, seen: int, capacity: str, actor: User
) -> list[Refusal]:
    refusals = _against_signer(latest, capacity, actor)
    if product.state != "oos":
        refusals.append(
            Refusal("not_oos", N_("The product is not waiting as out of specification."))
        )
    if latest is None:
        return [*refusals, Refusal("no_record", N_("There is no out-of-specification record."))]
    if latest.pk != seen:
        refusals.append(Refusal("newer_record", N_("A newer record has been entered: read it.")))
    missing = tuple(name for part, name in OOS_PARTS.items() if getattr(latest, part) is None)
    if missing:
        refusals.append(
            Refusal(
                "oos_record_incomplete",
                N_("The out-of-specification record lacks: %(missing)s."),
                params={"missing": missing},
            )
        )
    return refusals


def _against_signer(latest: OosRecord | None, capacity: str, actor: User) -> list[Refusal]:
    if capacity not in CAPACITIES:
        return [Refusal("unknown_capacity", N_("Sign as haematologist or as quality."))]
    refusals = []
    if capacity not in actor.roles:
        refusals.append(
            Refusal(
                "role",
                N_("Your role may not sign as: %(capacity)s."),
                params={"capacity": ROLE_NAMES[capacity]},
                who_may=(capacity,),
            )
        )
    given = list(latest.signatures.all()) if latest else []
    if any(one.capacity == capacity for one in given):
        refusals.append(Refusal("signed_already", N_("This signature is given already.")))
    elif any(one.signer_id == actor.pk for one in given):
        refusals.append(
            Refusal("same_person", N_("You have signed already: the other must be somebody else."))
        )
    return refusals
