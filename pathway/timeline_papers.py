"""What doses, papers, identity checks and corrections add to the timeline, in uniform columns."""

from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from pathway.domain.paper_facts import INCIDENT_CATEGORIES, NO_CATEGORY
from pathway.models import (
    Administration,
    Certificate,
    Clearance,
    Collection,
    OosRecord,
    Order,
    Shipment,
)
from pathway.models.papers import Paper
from patients.models import Course
from patients.timeline_columns import (
    CORRECTED,
    Rows,
    day,
    local_day,
    number,
    row_of,
    unreplaced,
)

_PREFIX = {"containment": "CONTAIN", "bridging": "BRIDGE", "lymphodepletion": "LD"}
_STATES = ("_DOSE", "_DOSE_NOT_GIVEN", "_DOSE_ORDERED")
DOSE_CODES = frozenset(prefix + state for prefix in _PREFIX.values() for state in _STATES)
CHECK_CODES = frozenset({"IDENTITY_READ", "IDENTITY_PASSED", "IDENTITY_STOPPED"})
PAPER_CODES = frozenset(
    {
        "ORDER_CONFIRMED", "SHIPMENT_PICKED_UP", "SHIPMENT_ARRIVED", "CERTIFICATE", "OOS_RECORD",
        "OOS_SIGNED", "THAW", "INFUSION_BEGAN", "INFUSION_ENDED", "INCIDENT", "CLEARANCE",
        "COLLECTION_BEGAN", "COLLECTION_ENDED",
    }
)  # fmt: skip
CODES = DOSE_CODES | CHECK_CODES | PAPER_CODES | {"DEVIATION", "LABEL", CORRECTED}
_OF_PRODUCT, _OF_ATTEMPT = "products__", "apheresisattempts__"


def rows(courses: QuerySet[Course]) -> list[Rows]:
    """Doses as they stand, papers that count, checks, and what stood before a correction."""
    return [
        *_dose_rows(courses),
        *_product_rows(courses),
        *_oos_rows(courses),
        *_attempt_rows(courses),
        *_check_rows(courses),
        *_label_rows(courses),
    ]


def _dose_rows(courses: QuerySet[Course]) -> list[Rows]:
    given, withheld = Q(doses__given_on__isnull=False), Q(doses__not_given_reason__gt="")
    told = given & Q(doses__given_amount__isnull=False)
    ordered = ~given & ~withheld & Q(doses__amount__isnull=False)
    return [
        row_of(
            courses,
            "doses",
            on=Case(
                When(given, then=day("doses__given_on")), default=local_day("doses__recorded_at")
            ),
            code=_dose_code(),
            label=F("doses__drug"),
            value=Case(
                When(told, then=number("doses__given_amount")),
                When(ordered, then=number("doses__amount")),
                default=Value(""),
                output_field=TextField(),
            ),
            unit=Case(When(told | ordered, then=F("doses__unit")), default=Value("")),
            where=unreplaced("doses"),
        ),
        # What stood before somebody put it right; giving an ordered dose puts nothing right.
        row_of(
            courses,
            "doses",
            on=local_day("doses__replaced_by__recorded_at"),
            code=CORRECTED,
            label=_dose_code(),
            value=Coalesce(
                day("doses__given_on"),
                number("doses__amount"),
                Value(""),
                output_field=TextField(),
            ),
            by="replaced_by__recorded_by",
            at="replaced_by__recorded_at",
            source="",
            where=Q(doses__replaced_by__reason__gt=""),
        ),
    ]


def _dose_code() -> Case:
    return Case(
        *(
            When(
                doses__machine=machine,
                then=Case(
                    When(doses__given_on__isnull=False, then=Value(f"{prefix}_DOSE")),
                    When(doses__not_given_reason__gt="", then=Value(f"{prefix}_DOSE_NOT_GIVEN")),
                    default=Value(f"{prefix}_DOSE_ORDERED"),
                ),
            )
            for machine, prefix in _PREFIX.items()
        ),
        output_field=TextField(),
    )


def _product_rows(courses: QuerySet[Course]) -> list[Rows]:
    def paper(model: type[Paper], name: str, **row: Any) -> Rows:
        return _paper(courses, _OF_PRODUCT, model, name, **row)

    bedside = "administrations"
    return [
        paper(Order, "orders", code="ORDER_CONFIRMED", at=None),
        paper(Shipment, "shipments", code="SHIPMENT_PICKED_UP", at="picked_up_at", word="leg"),
        paper(Shipment, "shipments", code="SHIPMENT_ARRIVED", at="arrived_at", word="leg"),
        paper(
            Certificate,
            "certificates",
            code="CERTIFICATE",
            at="issued_on",
            amount="dose_total",
            unit="10*6",
        ),
        paper(Administration, bedside, code="THAW", at="thaw_started_at"),
        paper(Administration, bedside, code="INFUSION_BEGAN", at="infusion_started_at"),
        paper(
            Administration,
            bedside,
            code="INFUSION_ENDED",
            at="infusion_ended_at",
            amount="volume_ml",
            unit="mL",
        ),
        # Every incident counts, not only the latest.
        row_of(
            courses,
            "products__incidents",
            on=day("products__incidents__happened_on"),
            code="INCIDENT",
            label=Case(
                *(
                    When(products__incidents__category=category, then=Value(words))
                    for category, words in INCIDENT_CATEGORIES.items()
                ),
                default=Value(NO_CATEGORY),
                output_field=TextField(),
            ),
            value=F("products__incidents__description"),
            identifying=True,
        ),
    ]


def _oos_rows(courses: QuerySet[Course]) -> list[Rows]:
    signed = "products__oosrecords__signatures"
    return [
        _paper(courses, _OF_PRODUCT, OosRecord, "oosrecords", code="OOS_RECORD", at=None),
        row_of(
            courses,
            signed,
            on=local_day(f"{signed}__signed_at"),
            code="OOS_SIGNED",
            label="",
            value=F(f"{signed}__capacity"),
            by="signer__username",
            at="signed_at",
            source="",
        ),
    ]


def _attempt_rows(courses: QuerySet[Course]) -> list[Rows]:
    def paper(model: type[Paper], name: str, **row: Any) -> Rows:
        return _paper(courses, _OF_ATTEMPT, model, name, **row)

    return [
        paper(Clearance, "clearances", code="CLEARANCE", at=None),
        paper(Collection, "collections", code="COLLECTION_BEGAN", at="started_at"),
        paper(
            Collection,
            "collections",
            code="COLLECTION_ENDED",
            at="ended_at",
            amount="product_ml",
            unit="mL",
        ),
    ]


def _paper(
    courses: QuerySet[Course],
    owner: str,
    model: type[Paper],
    name: str,
    *,
    code: str,
    at: str | None,
    amount: str = "",
    unit: str = "",
    word: str = "",
) -> Rows:
    """The paper of a kind that counts, dated by its own `at`, else by when it was recorded.

    Its value is the `amount`, where it is recorded, or a `word` of a fixed list.
    """
    rel = f"{owner}{name}"
    of = "product_id" if owner == _OF_PRODUCT else "attempt_id"
    same = {of: OuterRef(f"{rel}__{of}"), "pk__gt": OuterRef(f"{rel}__pk")}
    if word:
        same[word] = OuterRef(f"{rel}__{word}")
    where = Q(~Exists(model._default_manager.filter(**same)))
    if at is not None:
        where &= Q(**{f"{rel}__{at}__isnull": False})
    value: Combinable | None = F(f"{rel}__{word}") if word else None
    measured: Combinable | None = None
    if amount:
        value = Coalesce(number(f"{rel}__{amount}"), Value(""), output_field=TextField())
        known = {f"{rel}__{amount}__isnull": False}
        measured = Case(
            When(**known, then=Value(unit)), default=Value(""), output_field=TextField()
        )
    plain = at is not None and at.endswith("_on")
    return row_of(
        courses,
        rel,
        on=day(f"{rel}__{at}") if plain else local_day(f"{rel}__{at or 'recorded_at'}"),
        code=code,
        label="",
        value=value,
        unit=measured,
        where=where,
    )


def _check_rows(courses: QuerySet[Course]) -> list[Rows]:
    scans, deviation = "identity_checks__scans", "identity_checks__deviation"
    agrees = Q(**{f"{scans}__mismatches": []})
    return [
        row_of(
            courses,
            scans,
            on=local_day(f"{scans}__scanned_at"),
            code=Case(
                When(~agrees, then=Value("IDENTITY_STOPPED")),
                When(**{f"{scans}__number": 2}, then=Value("IDENTITY_PASSED")),
                default=Value("IDENTITY_READ"),
                output_field=TextField(),
            ),
            label="",
            value=F("identity_checks__kind"),
            by="person__username",
            at="scanned_at",
            source="",
        ),
        row_of(
            courses,
            deviation,
            on=local_day(f"{deviation}__recorded_at"),
            code="DEVIATION",
            label="",
            value=F(f"{deviation}__number"),
            identifying=True,
            by="recorded_by__username",
            source="",
        ),
    ]


def _label_rows(courses: QuerySet[Course]) -> list[Rows]:
    """Labels that two people entered or corrected: one counts once both have read the same."""
    entry, read = "label_entries", Q(label_entries__reading__agrees=True)
    added = Q(label_entries__before="")

    def label(code: str, value: str, which: Q) -> Rows:
        return row_of(
            courses,
            entry,
            on=local_day(f"{entry}__reading__read_at"),
            code=code,
            label=F(f"{entry}__name"),
            value=F(f"{entry}__{value}"),
            identifying=True,
            by="entered_by__username",
            at="reading__read_at",
            source="",
            where=read & which,
        )

    return [label("LABEL", "value", added), label(CORRECTED, "before", ~added)]
