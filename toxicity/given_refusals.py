"""What stands against a recorded treatment or infection, and what somebody should look at again."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from patients.domain.body import Measure
from patients.domain.dating import refuse_before, refuse_before_birth, refuse_future
from patients.domain.ranges import BodyRules
from patients.models import Course
from patients.models.courses import AnchorKind
from patients.results import WEIGHT, latest_results, measure_of
from patients.survival import refuse_after_death, standing_death
from protocol.selectors import settings_of
from terms.day_numbers import local_date
from terms.refusals import Refusal
from terms.words import N_
from toxicity.domain.given import (
    BAG,
    DRUGS,
    HIDES_FEVER,
    IRRADIATED,
    ORGANISMS,
    OTHER,
    PURPOSES,
    ROUTES,
    SEVERITIES,
    SITES,
    TRANSFUSIONS,
    UNITS,
    drug_named,
)
from toxicity.domain.grading import Warning
from toxicity.domain.rules import ToxicityRules
from toxicity.domain.tocilizumab import Infusion, doubts_about
from toxicity.models import Treatment

TOCILIZUMAB = "tocilizumab"
MOST_TIMES = 24  # once an hour
ASKED_ABOUT = frozenset({"drug", "other_drug", "dose", "unit"})  # doubts are about readable ones
DEATH = max(SEVERITIES)
_LONGEST = {"other_drug": 80, "other_organism": 80, "remark": 200, "reason": 500}
_DOSE_PLACES = 3
MOST_DOSE = Decimal(10_000_000)  # more than the column holds


@dataclass(frozen=True)
class GivenDose:
    """One dose that was given, or `times` equal ones that day; None for an amount nobody knows."""

    drug: str
    given_at: datetime
    purpose: str
    dose: Decimal | None = None
    unit: str = ""
    times: int = 1
    route: str = ""
    tapering: bool = False
    irradiated: str = ""  # of a transfusion
    other_drug: str = ""
    hides_fever: str = ""  # of another drug
    remark: str = ""


@dataclass(frozen=True)
class InfectionFacts:
    """One infection; `ended_on` is None while it goes on, `severity` where nobody graded it."""

    began_on: date
    organism: str
    site: str
    severity: int | None = None
    ended_on: date | None = None
    other_organism: str = ""
    remark: str = ""


def against_dose(course: Course, given: GivenDose, now: datetime) -> Iterator[Refusal]:
    """Everything that cannot be so about a dose."""
    lists = {"drug": DRUGS, "purpose": PURPOSES}
    yield from _refuse_unknown(given, lists)
    optional: dict[str, Collection[str]] = {
        "route": ROUTES, "unit": UNITS, "irradiated": IRRADIATED, "hides_fever": HIDES_FEVER,
    }  # fmt: skip
    yield from _refuse_unknown(given, {name: (*known, "") for name, known in optional.items()})
    yield from _refuse_name(given.drug, given.other_drug, "other_drug", _NAME_DRUG, _NO_DRUG_NAME)
    yield from _refuse_listed(given)
    yield from _refuse_long({"other_drug": given.other_drug, "remark": given.remark})
    yield from _refuse_amount(given)
    yield from _refuse_transfusion(given)
    yield from _refuse_hiding(given)
    if given.given_at > now:
        message = N_("This is in the future: only what was given is recorded here.")
        yield Refusal(code="future_time", message=message, field="given_at")
    on = local_date(given.given_at, course.centre.zone)
    yield from _refuse_day(course, on, "given_at")
    yield from refuse_before(
        on,
        course.referred_on,
        code="before_referral",
        message=N_("This is before the referral, on %(limit)s."),
        field="given_at",
    )


def against_infection(
    course: Course, infection: InfectionFacts, now: datetime
) -> Iterator[Refusal]:
    """Everything that cannot be so about an infection."""
    today, ended_on = local_date(now, course.centre.zone), infection.ended_on
    yield from _refuse_unknown(
        infection, {"organism": ORGANISMS, "site": SITES, "severity": (*SEVERITIES, None)}
    )
    yield from _refuse_name(
        infection.organism, infection.other_organism, "other_organism",
        _NAME_ORGANISM, _NO_ORGANISM_NAME,
    )  # fmt: skip
    yield from _refuse_long(
        {"other_organism": infection.other_organism, "remark": infection.remark}
    )
    yield from refuse_future(infection.began_on, today, "began_on")
    yield from _refuse_day(course, infection.began_on, "began_on")
    if ended_on is not None:
        yield from refuse_future(ended_on, today, "ended_on")
        yield from refuse_after_death(ended_on, course.patient, "ended_on")
        yield from refuse_before(
            ended_on,
            infection.began_on,
            code="before_beginning",
            message=N_("This is before it began, on %(limit)s."),
            field="ended_on",
        )
    if infection.severity == DEATH and standing_death(course.patient) is None:
        message = N_("This grade is death, and no death is recorded: record the death first.")
        yield Refusal(code="no_death", message=message, field="severity")


def against_reason(reason: str) -> Iterator[Refusal]:
    """A record is replaced or taken back with a reason."""
    if not reason.strip():
        message = N_("Say why this is corrected.")
        yield Refusal(code="reason_needed", message=message, field="reason")
    yield from _refuse_long({"reason": reason})


def doubts_of(course: Course, given: GivenDose, instead_of: int | None) -> tuple[Warning, ...]:
    """What about a possible dose somebody should look at again, in at most three queries.

    `instead_of` is the record that this one replaces: it is not another dose.
    """
    on = local_date(given.given_at, course.centre.zone)
    others = Treatment.objects.filter(course=course).standing()
    alike = others.filter(drug=given.drug, other_drug=given.other_drug.strip())
    moments = list(alike.exclude(pk=instead_of).values_list("given_at", flat=True))
    doubts = [*_time_doubts(course, given, on, moments)]
    if given.dose is None:
        doubts.append(Warning("dose_unknown", _DOSE_UNKNOWN))
    if given.drug == TOCILIZUMAB:
        doubts += _tocilizumab_doubts(course, given, on, moments)
    return tuple(doubts)


def unconfirmed(doubts: Iterable[Warning], confirmed: Collection[str]) -> Iterator[Refusal]:
    """A refusal for each doubt that nobody said to have looked at; it names `confirmed`."""
    for doubt in doubts:
        if doubt.code not in confirmed:
            yield Refusal(doubt.code, doubt.message, doubt.params, field="confirmed")


def _tocilizumab_doubts(
    course: Course, given: GivenDose, on: date, moments: list[datetime]
) -> Iterator[Warning]:
    settings = settings_of(course.protocol)
    latest = latest_results(course, (WEIGHT,), until=on)
    weight: Measure | None = measure_of(latest.get(WEIGHT))
    infusion = Infusion(given.dose, given.unit, given.given_at, on, weight, moments)
    days = settings.section("body", BodyRules).weight_days.value
    yield from doubts_about(infusion, ToxicityRules.of(settings).tocilizumab, days)


def _time_doubts(
    course: Course, given: GivenDose, on: date, moments: list[datetime]
) -> Iterator[Warning]:
    if given.drug != TOCILIZUMAB and given.given_at in moments:
        yield Warning("same_time", _SAME_TIME, {"at": given.given_at})
    infused = course.anchors.filter(kind=AnchorKind.INFUSION, actual_on__isnull=False)
    infused_on = infused.values_list("actual_on", flat=True).first()
    if infused_on is None:
        yield Warning("before_infusion", _NO_INFUSION)
    elif on < infused_on:
        yield Warning("before_infusion", _BEFORE_INFUSION, {"on": infused_on})


def _refuse_unknown(given: object, lists: Mapping[str, Collection[object]]) -> Iterator[Refusal]:
    for field, known in lists.items():
        value = getattr(given, field)
        if value not in known:
            code, message = "unknown_choice", N_("Choose one of the list.")
            yield Refusal(code=code, message=message, field=field)


def _refuse_name(
    chosen: str, name: str, field: str, missing: str, needless: str
) -> Iterator[Refusal]:
    if chosen == OTHER and not name.strip():
        yield Refusal(code="name_needed", message=missing, field=field)
    if chosen != OTHER and name.strip():
        yield Refusal(code="name_needless", message=needless, field=field)


def _refuse_listed(given: GivenDose) -> Iterator[Refusal]:
    """A drug of the list has its checks and counts only where it is chosen there."""
    drug = drug_named(given.other_drug) if given.drug == OTHER else ""
    if drug:
        message = N_("%(drug)s is on the list: choose it there, so that it is checked and counted.")
        yield Refusal("drug_on_list", message, {"drug": DRUGS[drug]}, field="other_drug")


def _refuse_long(texts: Mapping[str, str]) -> Iterator[Refusal]:
    for field, text in texts.items():
        if len(text.strip()) > _LONGEST[field]:
            params = {"most": _LONGEST[field]}
            message = N_("This is too long: at most %(most)s characters.")
            yield Refusal(code="too_long", message=message, params=params, field=field)


def _refuse_amount(given: GivenDose) -> Iterator[Refusal]:
    dose = given.dose
    if dose is not None:
        if not given.unit:
            yield Refusal(code="unit_needed", message=N_("Give the unit."), field="unit")
        if not dose.is_finite() or not 0 < dose < MOST_DOSE:
            message = N_("A dose is a number above 0.")
            yield Refusal(code="dose_impossible", message=message, field="dose")
        elif dose != round(dose, _DOSE_PLACES):
            message = N_("Give at most three decimals, or a smaller unit.")
            yield Refusal(code="dose_too_fine", message=message, field="dose")
    if not 1 <= given.times <= MOST_TIMES:
        params = {"most": MOST_TIMES}
        message = N_("Give how many times, from 1 to %(most)s.")
        yield Refusal(code="times_impossible", message=message, params=params, field="times")
    elif given.drug == TOCILIZUMAB and given.times > 1:
        yield Refusal(code="one_by_one", message=_ONE_BY_ONE, field="times")


def _refuse_transfusion(given: GivenDose) -> Iterator[Refusal]:
    """A transfusion is counted in bags and says whether it was irradiated; a drug does neither."""
    transfused = given.drug in TRANSFUSIONS
    if transfused and not given.irradiated:
        message = N_("Say whether it was irradiated, or that nobody knows.")
        yield Refusal(code="irradiated_needed", message=message, field="irradiated")
    if not transfused and given.irradiated:
        message = N_("Only a transfusion is irradiated or not: leave it out.")
        yield Refusal(code="irradiated_needless", message=message, field="irradiated")
    if given.unit and transfused != (given.unit == BAG):
        message = N_("A transfusion is counted in bags, and nothing else is.")
        yield Refusal(code="unit_of_another", message=message, field="unit")


def _refuse_hiding(given: GivenDose) -> Iterator[Refusal]:
    """Of a drug of the list it is known whether it hides fever; of another one it is asked."""
    if given.drug == OTHER and not given.hides_fever:
        message = N_("Say whether it may hide fever, or that nobody knows.")
        yield Refusal(code="hides_fever_needed", message=message, field="hides_fever")
    if given.drug != OTHER and given.hides_fever:
        message = N_("Only for another drug it is said whether it hides fever: leave it out.")
        yield Refusal(code="hides_fever_needless", message=message, field="hides_fever")


def _refuse_day(course: Course, on: date, field: str) -> Iterator[Refusal]:
    yield from refuse_before_birth(on, course.patient.birth_date, field)
    yield from refuse_after_death(on, course.patient, field)


_NAME_DRUG = N_("Say which drug.")
_NO_DRUG_NAME = N_("Name a drug here only where the list has none: choose “Another drug” for it.")
_NAME_ORGANISM = N_("Say which organism.")
_NO_ORGANISM_NAME = N_(
    "Name an organism here only where the list has none: choose “Another organism” for it."
)
_ONE_BY_ONE = N_(
    "Record each infusion of tocilizumab at its own time: their gap and number are looked at."
)
_DOSE_UNKNOWN = N_("No dose is given: it stays not known.")
_SAME_TIME = N_("This drug is recorded at this very time already, %(at)s.")
_NO_INFUSION = N_("No infusion of cells is recorded: this counts as given before it.")
_BEFORE_INFUSION = N_("This is before the infusion of cells, on %(on)s.")
