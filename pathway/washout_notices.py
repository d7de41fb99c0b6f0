"""Telling of a washout that ends after what it was to come before: collection, lymphodepletion."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.models import User
from pathway.ending import cause_of
from pathway.loading import CourseState
from pathway.models import BridgingCourse, Change, Dose
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
    if dose.given_on is None or dose.machine not in _BEFORE_COLLECTION:
        return
    given = Given(dose.machine, dose.subject_id, dose.given_on, drug_class, f"dose:{dose.pk}")
    tell_washout_of(state, given, actor, now)


@dataclass(frozen=True)
class Given:
    """Something that was given before collection or preparation, and what tells of it."""

    machine: str
    subject: int
    on: date
    drug_class: str
    cause: str


def tell_washout_of(state: CourseState, given: Given, actor: User, now: datetime) -> None:
    """The same of a day on which something was given, whether a dose or only its date is kept."""
    if given.machine == "bridging":
        _tell_short_of_depletion(state, given, actor, now)
    days = state.facts(on=given.on).rules.washout_days(given.drug_class)
    if days is None:
        return
    for pk, booked in _booked(state):
        until = given.on + timedelta(days=days)
        if booked < until:
            _tell(state, pk, until, booked, given.cause, actor, now)
    _tell_collected(state, given, days, actor, now)


def _tell_collected(
    state: CourseState, given: Given, days: int, actor: User, now: datetime
) -> None:
    """Tell of a collection that was made inside the washout, unless its steps were asked of it.

    Of one that was entered with its past nobody asked anything.
    """
    until = given.on + timedelta(days=days)
    for row in state.of("apheresis"):
        begun = row.facts.reached.get("in_progress")
        if begun is None or not given.on <= begun < until:
            continue
        if "in_progress" in row.transcribed or _was_asked(state, row.pk, given.on):
            continue
        notices.raise_notice(
            course=state.course,
            code="collected_in_washout",
            roles=(Role.HAEMATOLOGIST, Role.CELL_LAB, Role.QUALITY),
            params={"on": given.on, "collected": begun, "until": until},
            about=f"apheresis:{row.pk}",
            cause=given.cause,
            actor=actor,
            now=now,
        )


def _was_asked(state: CourseState, attempt: int, on: date) -> bool:
    """Whether a reason was given at a step of the attempt to a washout from that day."""
    own = (c for c in state.standing_changes if (c.machine, c.subject_id) == ("apheresis", attempt))
    said = (one for change in own for one in change.overrides if one["code"] == "washout")
    return any(str(on) in one.get("said", "") for one in said)


def _tell_short_of_depletion(state: CourseState, given: Given, actor: User, now: datetime) -> None:
    """Tell where the course went on to lymphodepletion by what was recorded of a dose before."""
    facts, on = state.facts(on=given.on), given.on
    days, since = facts.rules.bridging_washout_days(given.drug_class), facts.prepared_since
    if days is None or since is None or facts.stage not in _PREPARED:
        return
    if (since - on).days < days:
        notices.raise_notice(
            course=state.course,
            code="bridging_not_washed_out",
            roles=(Role.COORDINATOR, Role.HAEMATOLOGIST, Role.PHARMACIST),
            params={"on": on, "since": since, "days": days},
            about=f"bridging:{given.subject}",
            cause=given.cause,
            actor=actor,
            now=now,
        )


def tell_last_dose(state: CourseState, change: Change, actor: User, now: datetime) -> None:
    """A last dose that a step of bridging tells of by its day alone is told of like a dose."""
    row = next(r for r in state.of("bridging") if r.pk == change.subject_id)
    said = BridgingCourse.objects.filter(pk=row.pk) if "last_dose_on" in change.details else ()
    for on in (one.last_dose_on for one in said if one.last_dose_on is not None):
        given = Given("bridging", row.pk, on, row.drug_class, cause_of(change))
        tell_washout_of(state, given, actor, now)


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
