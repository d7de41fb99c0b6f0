"""The stretches of the pathway that most patients of the demo walk alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from config.demo_data.walking import PAPER, SYNTHETIC, UNDATED, Walk
from pathway.domain.gate_rules import Gate
from pathway.domain.rules import Lymphodepletion, PathwayRules
from pathway.dosing import DoseOrder
from protocol.selectors import settings_of

REGIMEN = "Flu/Cy"
INOTUZUMAB_DAYS = (1, 8, 15)


@dataclass(frozen=True)
class Sources:
    """Where the facts of a stretch come from."""

    fact: str
    undated: str


PUBLISHED = Sources(PAPER, UNDATED)
INVENTED = Sources(SYNTHETIC, SYNTHETIC)


def untold(sources: Sources) -> dict[str, str]:
    """Reasons for what the case series does not give; what is invented here is complete."""
    if sources is INVENTED:
        return {}
    why = "The case series does not give it"
    return dict.fromkeys(("weight_unknown", "administration_missing"), why)


def regimen_of(walk: Walk) -> Lymphodepletion:
    """The lymphodepletion of the course's protocol: its days, which the case series leaves out."""
    return PathwayRules.of(settings_of(walk.course.protocol)).lymphodepletion


def admission_day(walk: Walk) -> int:
    """The day number of the admission: the one before the first dose."""
    return regimen_of(walk).first_day - 1


def days(on: date, count: int) -> date:
    """The date `count` days after `on`."""
    return on + timedelta(days=count)


def consented(walk: Walk, on: date) -> None:
    """Both consents that the protocol asks for, and the check of identity."""
    walk.at(on).entry("consent", kind="assessment", given=True, on=on.isoformat())
    walk.entry("consent", kind="data", given=True, on=on.isoformat()).identified()


def enrolled(walk: Walk, on: date, sources: Sources = INVENTED) -> None:
    """Consents, then the enrolment: from the referral to eligibility."""
    consented(walk, on)
    walk.advance("eligibility", source=sources.fact)


def listed(
    walk: Walk,
    on: date,
    given: Mapping[str, str] | None = None,
    unknown: Sequence[str] = (),
    sources: Sources = INVENTED,
) -> None:
    """Every item resulted, then on to the meeting's list."""
    walk.at(on, 15).assessed(given or {}, unknown, source=sources.undated)
    walk.at(on, 16).move("eligibility", "mdt_review")


def accepted(
    walk: Walk,
    assessing_on: date,
    meeting_on: date,
    given: Mapping[str, str] | None = None,
    unknown: Sequence[str] = (),
    sources: Sources = INVENTED,
) -> None:
    """The review through the meeting, then on to leukapheresis."""
    walk.at(assessing_on, 10).move("eligibility", "assessing")
    listed(walk, days(meeting_on, -1), given, unknown, sources)
    walk.at(meeting_on, 14).met("accepted").move("eligibility", "accepted").advance("apheresis")


def contained(walk: Walk, on: date, sources: Sources = INVENTED) -> None:
    """One dose of vincristine until the collection."""
    walk.at(on).open(
        "containment",
        source=sources.undated,
        drug="vincristine",
        drug_class="vincristine_single",
        planned_on=on,
    )
    drug = DoseOrder("vincristine", "vincristine_single", route="iv", planned_on=on)
    walk.order("containment", drug, source=sources.undated)
    walk.at(on, 11).give("containment", 1, verified_by="nurse2", source=sources.undated)


def booked(
    walk: Walk,
    booked_on: date,
    planned_on: date,
    order_number: str,
    unsaid: Mapping[str, str] | None = None,
) -> None:
    """An attempt in the collection room's diary and an order with the manufacturer.

    `unsaid` answers what the history does not tell.
    """
    walk.at(booked_on, 10).open("apheresis", planned_on=planned_on, overrides=unsaid)
    walk.plan("apheresis", planned_on)
    walk.open("product", order_number=order_number)
    if unsaid is None:
        walk.paper("product", "order", slot_on=days(planned_on, 1).isoformat())


def collected(
    walk: Walk,
    on: date,
    din: str,
    sources: Sources = INVENTED,
    unsaid: Mapping[str, str] | None = None,
) -> None:
    """The collection on `on`, adequate and shipped the day after: on to bridging."""
    walk.at(days(on, -1), 14).through(Gate.COLLECTION)
    # Of some earlier lines of the case series neither the day nor one drug class is told.
    why = {}
    if sources is not INVENTED:
        why = {"treatment_not_weighed": "Days and classes not told", "slot_unknown": "Not told"}
    walk.at(days(on, -1), 15).move("apheresis", "cleared", overrides={**why, **(unsaid or {})})
    walk.at(on, 8).move("apheresis", "in_progress", source=sources.fact)
    walk.at(on, 12).move("apheresis", "completed", din=din)
    walk.at(days(on, 1), 9)
    if sources is INVENTED:
        walk.move("apheresis", "adequate", cd3_yield="2.1")
    else:  # the case series gives no count: a haematologist says so
        walk.move("apheresis", "adequate", overrides={"yield_unknown": "Count not known"})
    walk.paper("product", "order", coi_id=f"DEMO-COI-{din[-4:]}")
    walk.move("product", "material_shipped")
    walk.advance("bridging")


def in_manufacture(walk: Walk, collected_on: date, expected_on: date) -> None:
    """The material reaches the manufacturer, who starts and names a day."""
    walk.at(days(collected_on, 2), 10).move("product", "at_manufacturer")
    walk.at(days(collected_on, 3), 10).move("product", "manufacturing", expected_on=expected_on)


def bridging_begun(walk: Walk, on: date, sources: Sources = INVENTED) -> None:
    """Inotuzumab begins."""
    walk.at(on).open(
        "bridging",
        source=sources.undated,
        drug="inotuzumab ozogamicin",
        drug_class="inotuzumab",
        planned_on=on,
    )
    cycle = [
        DoseOrder(
            "inotuzumab ozogamicin", route="iv", planned_on=days(on, day - 1), planned_day=day
        )
        for day in INOTUZUMAB_DAYS
    ]
    walk.order("bridging", *cycle, source=sources.undated)
    walk.at(on, 11).give("bridging", 1, source=sources.undated)


def stored(walk: Walk, released_on: date, lot: str, sources: Sources = INVENTED) -> None:
    """Quality control, release, transport; on site two days after the release."""
    walk.at(days(released_on, -4), 10).move("product", "qc")
    expires_on = days(released_on, 365)
    walk.at(released_on, 11)
    if sources is INVENTED:
        on = released_on.isoformat()
        walk.entry("lab", by="nurse", on=on, analyte="WEIGHT", value="68", unit="kg")
    walk.paper(
        "product", "certificate", issued_on=str(released_on), viability="91", car_positive="62",
        dose_per_kg="1.0", dose_total="68",
    )  # fmt: skip
    walk.at(released_on, 12).move("product", "released", lot=lot, expires_on=expires_on)
    walk.at(days(released_on, 1), 9).move("product", "shipped_to_site")
    walk.at(days(released_on, 2), 9).checked("receipt", "celllab", "pharmacist")
    walk.move("product", "received").move("product", "stored")


def admitted(
    walk: Walk,
    day_zero: date,
    sources: Sources = INVENTED,
    *,
    bridged: bool = True,
    status: str = "",
) -> None:
    """Admission the day before the first dose and the move to lymphodepletion, doses planned.

    Without bridging nobody knows when supportive care ended: a haematologist says so. `status` is
    that of the disease where it is told.
    """
    first = days(day_zero, regimen_of(walk).first_day)
    walk.at(days(day_zero, admission_day(walk)), 10).admitted(source=sources.fact)
    if sources is INVENTED:
        on = days(day_zero, admission_day(walk)).isoformat()
        for analyte, value, unit in (("WEIGHT", "68", "kg"), ("HEIGHT", "168", "cm")):
            walk.entry("lab", by="nurse", on=on, analyte=analyte, value=value, unit=unit)
    unknown = untold(sources)
    if not bridged:
        unknown |= {"last_dose_unknown": "Days of the supportive care are not given"}
    told = {"disease_status": status} if status else {}
    walk.through(Gate.LYMPHODEPLETION, told, source=sources.fact)
    walk.advance("lymphodepletion", overrides=unknown)
    walk.open("lymphodepletion", source=sources.undated, regimen=REGIMEN, planned_on=first)
    walk.plan("lymphodepletion", first).plan("infusion", day_zero)


def depletion_begun(walk: Walk, day_zero: date, sources: Sources = INVENTED) -> None:
    """The doses of the first day."""
    _give_regimen(walk, day_zero, sources, until=regimen_of(walk).first_day)


def _give_regimen(walk: Walk, day_zero: date, sources: Sources, *, until: int) -> None:
    """Every dose of lymphodepletion up to a day, each on its own."""
    for number, day in walk.waiting_doses("lymphodepletion"):
        if day <= until:
            walk.at(days(day_zero, day), 9).give("lymphodepletion", number, source=sources.undated)


def depleted(walk: Walk, day_zero: date, sources: Sources = INVENTED) -> None:
    """From the first dose to the last."""
    depletion_begun(walk, day_zero, sources)
    _give_regimen(walk, day_zero, sources, until=regimen_of(walk).last_day)
    last = days(day_zero, regimen_of(walk).last_day)
    walk.at(last, 13).move("lymphodepletion", "complete", source=sources.undated)


def thawed(walk: Walk, day_zero: date, sources: Sources = INVENTED, *, hour: int = 10) -> None:
    """From the first dose to the thaw on `day_zero`."""
    depleted(walk, day_zero, sources)
    walk.at(day_zero, hour).through(Gate.INFUSION)
    walk.move("product", "thawing", overrides=untold(sources))


def infused(walk: Walk, day_zero: date, sources: Sources = INVENTED) -> None:
    """From the first dose to the infusion on `day_zero`."""
    thawed(walk, day_zero, sources)
    walk.checked("bedside", "nurse", "physician")
    walk.advance("infusion", source=sources.fact)
    if sources is INVENTED:
        walk.administered().move("product", "infused")
    else:
        walk.move("product", "infused", overrides=untold(sources))


def gone_home(walk: Walk, on: date, sources: Sources = INVENTED) -> None:
    """A last check, the discharge, and with it follow-up."""
    walk.at(on, 10).seen()
    walk.at(on, 11).through(Gate.DISCHARGE).discharged(source=sources.fact).advance("follow_up")


def marrow_negative(walk: Walk, on: date, sources: Sources = INVENTED, **values: Any) -> None:
    """A marrow in complete remission without measurable disease; blasts are not given."""
    walk.at(on, 15).entry(
        "marrow",
        by="physician",
        source=sources.fact,
        on=on.isoformat(),
        remission="cr",
        mrd="negative",
        **values,
    )
