"""What was before the infusion and the infusion itself, once per course."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from exports.course_records import CourseRecord
from exports.registry.answers import (
    NO,
    YES,
    Answers,
    happened_on,
    if_yes,
    is_after,
    listed,
    measured,
    rounded,
    yes_no,
)
from exports.tables import Cell
from pathway.domain.companions import Bridging
from pathway.domain.depletion import Depletion
from pathway.domain.product_states import Product as ProductState
from pathway.models import (
    Administration,
    BridgingCourse,
    Certificate,
    Dose,
    Lymphodepletion,
    Product,
)
from patients.domain.delays import DATA_CONSENT
from patients.domain.ranges import BodyRules
from patients.models import Consent, Diagnosis, MarrowResult, TherapyLine, Transplant
from patients.models.courses import AnchorKind
from patients.models.people import Sex
from patients.results import HEIGHT, WEIGHT
from protocol.selectors import settings_if_readable
from terms.day_numbers import whole_years_between
from terms.partial_dates import parse

_BRIDGED = frozenset({Bridging.RUNNING, Bridging.ON_HOLD, Bridging.CLOSED, Bridging.STOPPED_EARLY})
_DEPLETED = frozenset({Depletion.IN_PROGRESS, Depletion.COMPLETE, Depletion.STOPPED})
_REMISSIONS = {"cr": "CR", "cri": "CRi", "none": "no remission"}
_ECOG = "ECOG"


def baseline(record: CourseRecord) -> Answers:
    """Every answer by its key; None where nothing is recorded."""
    return {
        **_recipient(record),
        **_history(record),
        **_bridging(record),
        **_depletion(record),
        **_before_infusion(record),
        **_product(record),
    }


def _recipient(record: CourseRecord) -> Answers:
    course = record.course
    infused_on = happened_on(record, AnchorKind.INFUSION)
    consent = record.last(Consent, kind=DATA_CONSENT)
    given = None if consent is None else consent.given and consent.withdrawn_on is None
    sex = course.patient.sex
    return {
        "recipient_sex": None if sex == Sex.UNKNOWN else sex,
        "age_at_infusion": None
        if infused_on is None
        else whole_years_between(course.patient.birth_date, infused_on),
        "consent_research": yes_no(given),
        "product_name": course.product,
    }


def _history(record: CourseRecord) -> Answers:
    """No transplant on record is no “no”: nobody was asked."""
    diagnosis = record.last(Diagnosis)
    allo = [
        one for one in record.of(Transplant) if one.kind == "allo" and not is_after(record, one)
    ]
    return {
        "disease": diagnosis.disease if diagnosis else None,
        "diagnosis_date": diagnosis.on or None if diagnosis else None,
        "ph_status": diagnosis.ph_status or None if diagnosis else None,
        "risk": diagnosis.risk or None if diagnosis else None,
        "cns_involved": yes_no(diagnosis.cns_involved) if diagnosis else None,
        "prior_lines": _prior_lines(record),
        "prior_hct": YES if allo else None,
        "prior_hct_type": "allogeneic" if allo else None,
        "prior_hct_date": _last_date([one.on for one in allo]),
    }


def _prior_lines(record: CourseRecord) -> int | None:
    """Missing also where one may be of the time after the infusion: its month is that of day 0."""
    infused_on = happened_on(record, AnchorKind.INFUSION)
    number = 0
    for row in record.of(TherapyLine):
        on = parse(row.on) if row.on and infused_on else None
        if on is None or infused_on is None or on.latest() <= infused_on:
            number += 1
        elif not on.certainly_after(infused_on):
            return None
    return number or None


def _last_date(told: list[str]) -> str | None:
    """The latest of some dates, as far as known; None where one of several has none."""
    return max(told) or None if told and (len(told) == 1 or all(told)) else None


def _bridging(record: CourseRecord) -> Answers:
    given = [row for row in record.of(BridgingCourse) if row.state in _BRIDGED]
    none = any(row.state == Bridging.NONE for row in record.of(BridgingCourse))
    answer = YES if given else NO if none else None
    starts = [record.reached("bridging", row.pk, "running") for row in given]
    days = [change.known_on for change in starts if change is not None]
    known = [on for on in days if on is not None]
    details: Answers = {
        "bridging_drugs": listed(row.drug for row in given),
        "bridging_type": listed(_ways(record, "bridging")),
        "bridging_start": min(known) if known else None,
        "bridging_last_dose": given[-1].last_dose_on if given else None,
        "bridging_response": given[-1].response or None if given else None,
    }
    return {
        "bridging_given": answer,
        **{key: if_yes(answer, cell) for key, cell in details.items()},
    }


def _ways(record: CourseRecord, machine: str) -> Iterator[str]:
    """Intrathecal or systemic, by the route of each dose that was given."""
    for dose in record.of(Dose):
        if dose.machine == machine and dose.given_on is not None and dose.route:
            yield "intrathecal" if dose.route == "it" else "systemic"


def _depletion(record: CourseRecord) -> Answers:
    given = [row for row in record.of(Lymphodepletion) if row.state in _DEPLETED]
    began = happened_on(record, AnchorKind.LYMPHODEPLETION) if given else None
    read, weight, height = settings_if_readable(record.course.protocol), None, None
    if read is not None:  # else nobody knows how old they may be
        body = read.section("body", BodyRules)
        weight = measured(record, WEIGHT, began, body.weight_days.value)
        height = measured(record, HEIGHT, began, body.height_days.value)
    return {
        "ld_given": YES if given else None,
        "ld_start": began,
        "height_cm": rounded(height, "1"),
        "weight_kg": rounded(weight, "0.1"),
        "ld_drugs": listed(_drugs(record)),
    }


def _drugs(record: CourseRecord) -> Iterator[str]:
    """Each drug with all of it that was given; without an amount where one dose has none."""
    given: dict[tuple[str, str], list[Decimal | None]] = {}
    for dose in record.of(Dose):
        if dose.machine == "lymphodepletion" and dose.given_on is not None:
            given.setdefault((dose.drug, dose.unit), []).append(dose.given_amount)
    for (drug, unit), amounts in given.items():
        known = [amount for amount in amounts if amount is not None]
        whole = len(known) == len(amounts)
        yield f"{drug} {sum(known, Decimal(0)).normalize():f} {unit}" if whole else drug


def _before_infusion(record: CourseRecord) -> Answers:
    by = happened_on(record, AnchorKind.LYMPHODEPLETION)
    ecog = measured(record, _ECOG, by)
    status, on = _last_marrow(record, by)
    return {
        "ecog": None if ecog is None else int(ecog),
        "disease_status_last": status,
        "disease_status_date": on,
    }


def _last_marrow(record: CourseRecord, by: date | None) -> tuple[str | None, str | None]:
    """The response of the last marrow check that is all before lymphodepletion."""
    found = [
        (parse(row.on).latest(), row.pk, row.remission, row.on)
        for row in record.of(MarrowResult)
        if row.on and row.remission
    ]
    fit = [one for one in found if by is not None and one[0] <= by]
    return (_REMISSIONS[max(fit)[2]], max(fit)[3]) if fit else (None, None)


def _product(record: CourseRecord) -> Answers:
    product = record.last(Product, state=ProductState.INFUSED)
    certificate = record.last(Certificate, product_id=product.pk) if product else None
    paper = record.last(Administration, product_id=product.pk) if product else None
    return {
        "collection_date": happened_on(record, AnchorKind.APHERESIS),
        "product_lot": product.lot or None if product else None,
        "certificate_date": certificate.issued_on if certificate else None,
        "in_specification": _specified(record, product),
        "infusion_date": happened_on(record, AnchorKind.INFUSION),
        "infused_volume_ml": paper.volume_ml if paper else None,
        "cells_infused_e6": certificate.dose_total if certificate else None,
        "cells_infused_e6_per_kg": certificate.dose_per_kg if certificate else None,
        "viability_percent": certificate.viability if certificate else None,
    }


def _specified(record: CourseRecord, product: Product | None) -> Cell:
    if product is None:
        return None
    if record.reached("product", product.pk, "oos_accepted"):
        return NO
    return YES if record.reached("product", product.pk, "released") else None
