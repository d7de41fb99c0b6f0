"""Telling of a washout that ends after what it was to come before: collection, lymphodepletion."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from accounts.models import User
from pathway.loading import CourseState
from pathway.models import Dose
from reminders import notices
from reminders.models import Notice
from terms.roles import Role

_CODE = "washout_past_date"
_BOOKED = frozenset({"scheduled", "cleared"})
_PREPARED = frozenset({"lymphodepletion", "infusion"})
_BEFORE_COLLECTION = frozenset({"containment", "bridging"})


def tell_past_washout(
    state: CourseState, dose: Dose, drug_class: str, actor: User, now: datetime
) -> None:
    """Tell what the washout of a given dose ends after: a booked collection, or the preparation."""
    on = dose.given_on
    if on is None or dose.machine not in _BEFORE_COLLECTION:
        return
    if dose.machine == "bridging":
        _tell_short_of_depletion(state, dose, on, drug_class, actor, now)
    days = state.facts(on=on).rules.washout_days(drug_class)
    if days is None:
        return
    for pk, booked in _booked(state):
        until = on + timedelta(days=days)
        if booked < until:
            _tell(state, pk, until, booked, f"dose:{dose.pk}", actor, now)


def _tell_short_of_depletion(
    state: CourseState, dose: Dose, on: date, drug_class: str, actor: User, now: datetime
) -> None:
    """Tell where the course went on to lymphodepletion by what was recorded of a dose before."""
    facts = state.facts(on=on)
    days, since = facts.rules.bridging_washout_days(drug_class), facts.prepared_since
    if days is None or since is None or facts.stage not in _PREPARED:
        return
    if (since - on).days < days:
        notices.raise_notice(
            course=state.course,
            code="bridging_not_washed_out",
            roles=(Role.COORDINATOR, Role.HAEMATOLOGIST, Role.PHARMACIST),
            params={"on": on, "since": since, "days": days},
            about=f"bridging:{dose.subject_id}",
            cause=f"dose:{dose.pk}",
            actor=actor,
            now=now,
        )


def tell_of_booked_day(
    state: CourseState, attempt: int, day: date, actor: User, now: datetime
) -> None:
    """Tell of what is not washed out on the new day of a collection, instead of the old one.

    The notice names the washout that ends last.
    """
    about = f"apheresis:{attempt}"
    told = Notice.objects.standing().filter(course=state.course, code=_CODE, about=about).first()
    for cause in sorted(set(told.causes)) if told is not None else ():
        notices.withdraw_notices(state.course, cause=cause, actor=actor, now=now)
    for until, cause in sorted(_washouts(state, day, f"plan:{attempt}")):
        if day < until:
            _tell(state, attempt, until, day, cause, actor, now)


def _washouts(state: CourseState, day: date, otherwise: str) -> Iterator[tuple[date, str]]:
    """Until when each washout before collection lasts, and what tells of it."""
    given = [(t.drug_class, t.last_on, otherwise) for t in state.therapies]
    for row in state.companions:
        if row.machine in _BEFORE_COLLECTION:
            given.append((row.drug_class, row.last_dose_on, otherwise))
            given += [
                (dose.drug_class or row.drug_class, dose.given_on, f"dose:{dose.pk}")
                for dose in row.doses
            ]
    rules = state.facts(on=day).rules
    for drug_class, last_on, cause in given:
        days = rules.washout_days(drug_class)
        if last_on is not None and days is not None:
            yield last_on + timedelta(days=days), cause


def _tell(
    state: CourseState,
    attempt: int,
    until: date,
    booked: date,
    cause: str,
    actor: User,
    now: datetime,
) -> None:
    notices.raise_notice(
        course=state.course,
        code=_CODE,
        roles=(Role.COORDINATOR, Role.HAEMATOLOGIST, Role.APHERESIS_NURSE),
        params={"until": until, "booked": booked},
        about=f"apheresis:{attempt}",
        cause=cause,
        actor=actor,
        now=now,
    )


def take_back(state: CourseState, dose: Dose, actor: User, now: datetime) -> None:
    """What was told because of a dose that is corrected now was not so."""
    notices.withdraw_notices(state.course, cause=f"dose:{dose.pk}", actor=actor, now=now)


def _booked(state: CourseState) -> list[tuple[int, date]]:
    return [
        (row.pk, row.planned_on)
        for row in state.of("apheresis")
        if row.state in _BOOKED and row.planned_on is not None
    ]
