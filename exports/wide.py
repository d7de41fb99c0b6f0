"""One wide row per course: product and group, the dates of the pathway, what is counted of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q

from accounts.models import User
from exports.domain.pseudonyms import age_told, shifted, shifted_day
from exports.fields.kinds import Level
from exports.pseudonyms import Masked
from exports.tables import Cell, Row, columns
from patients.models import Anchor, Course, Death, Relapse
from patients.models.courses import AnchorKind
from terms.day_numbers import day_number, whole_days_between, whole_years_between
from terms.partial_dates import parse
from toxicity.models import Episode

_DATED = {
    "enrolled_on": AnchorKind.ENROLMENT,
    "apheresis_on": AnchorKind.APHERESIS,
    "lymphodepletion_on": AnchorKind.LYMPHODEPLETION,
    "infused_on": AnchorKind.INFUSION,
    "discharged_on": AnchorKind.DISCHARGE,
}
_SCALES = ("crs", "icans", "iec_hs")
_COUNTED = "max_grade onset_day last_day ongoing episodes"
WIDE_COLUMNS = columns(
    "course centre product protocol protocol_version sex age_years stage left_stage exit_reason "
    f"referred_on {' '.join(_DATED)} relapsed_on closed_on died_on days_enrolment_to_apheresis "
    "days_apheresis_to_infusion days_infusion_to_discharge days_infusion_to_death bedside_checks "
    + " ".join(f"{scale}_{name}" for scale in _SCALES for name in _COUNTED.split()),
    day=f"referred_on {' '.join(_DATED)} relapsed_on closed_on died_on",
    number="protocol_version days_enrolment_to_apheresis days_apheresis_to_infusion "
    "days_infusion_to_discharge days_infusion_to_death bedside_checks "
    + " ".join(
        f"{scale}_{name}" for scale in _SCALES for name in _COUNTED.split() if name != "ongoing"
    ),
)
# What a row takes as it stands; dates and the birth date go through their own hands.
_TAKEN = (
    "centre__code", "product", "protocol__code", "protocol__version", "patient__sex",
    "journey__stage", "journey__left_stage", "journey__exit_reason",
)  # fmt: skip
_COURSES_AT_A_TIME = 500
_WHOLE_DAY = len("2026-03-14")


@dataclass
class _Facts:
    """What other tables know of one course."""

    on: dict[str, date] = field(default_factory=dict)
    first_collected_on: date | None = None
    relapsed: str = ""
    died_on: date | None = None
    episodes: list[Episode] = field(default_factory=list)


def wide_rows(
    user: User, courses: Mapping[int, Masked], level: Level, _now: datetime
) -> Iterator[Row]:
    """A row for each of `courses` that `user` may see, in their order; five queries for many."""
    pks = list(courses)
    for begin in range(0, len(pks), _COURSES_AT_A_TIME):
        batch = pks[begin : begin + _COURSES_AT_A_TIME]
        chosen = Course.objects.visible_to(user).filter(pk__in=batch)
        found = {row["pk"]: row for row in _courses(chosen)}
        facts = _facts(found)
        for pk in batch:
            if pk in found:
                yield _row(found[pk], facts[pk], courses[pk], level)


def _courses(chosen: Any) -> Any:
    standing = Q(assessments__withdrawn=False, assessments__replaced_by=None)
    checks = Count("assessments", filter=standing & Q(assessments__baseline=False))
    return chosen.annotate(checks=checks).values(
        "pk", "code", "patient_id", "patient__birth_date", "referred_on", "closed_on", "checks",
        *_TAKEN,
    )  # fmt: skip


def _facts(courses: Mapping[int, Any]) -> dict[int, _Facts]:
    facts = {pk: _Facts() for pk in courses}
    of = Q(course__in=list(courses))
    kinds = {kind: name for name, kind in _DATED.items()}
    anchors = Anchor.objects.filter(of, kind__in=kinds, actual_on__isnull=False)
    # The last occurrence of a kind is the one that counts, as on the timeline.
    dated = anchors.order_by("occurrence").values_list("course_id", "kind", "actual_on")
    for pk, kind, on in dated:
        if on is not None:
            facts[pk].on[kinds[AnchorKind(kind)]] = on
            if kind == AnchorKind.APHERESIS:
                facts[pk].first_collected_on = min(facts[pk].first_collected_on or on, on)
    relapses = Relapse.objects.filter(of).exclude(on="").exclude(kind="mrd").order_by("-on")
    for pk, told, after in relapses.values_list("course_id", "on", "after_infusion"):
        infused_on = facts[pk].on.get("infused_on")
        if after or (infused_on is not None and parse(told).certainly_after(infused_on)):
            facts[pk].relapsed = told
    for episode in Episode.objects.filter(of).order_by("course_id", "scale", "ordinal"):
        facts[episode.course_id].episodes.append(episode)
    people = {row["patient_id"] for row in courses.values()}
    deaths = Death.objects.filter(patient__in=people, withdrawn_at=None)
    died = dict(deaths.values_list("patient_id", "died_on"))
    for pk, row in courses.items():
        facts[pk].died_on = died.get(row["patient_id"])
    return facts


def _row(course: Mapping[str, Any], facts: _Facts, mask: Masked, level: Level) -> Row:
    masking = level is Level.PSEUDONYMISED
    days = mask.days if masking else 0
    infused = facts.on.get("infused_on")
    at = infused or facts.on.get("enrolled_on") or course["referred_on"]
    age = age_told(whole_years_between(course["patient__birth_date"], at))
    taken = [course[name] for name in _TAKEN]
    return (
        mask.code if masking else course["code"],
        *taken[:5], age, *taken[5:],
        shifted_day(course["referred_on"], days),
        *(shifted_day(facts.on.get(name), days) for name in _DATED),
        _relapsed(facts.relapsed, days),
        shifted_day(course["closed_on"], days),
        shifted_day(facts.died_on, days),
        _between(facts.on.get("enrolled_on"), facts.first_collected_on),
        _between(facts.on.get("apheresis_on"), infused),
        _between(infused, facts.on.get("discharged_on")),
        _between(infused, facts.died_on),
        course["checks"],
        *(cell for scale in _SCALES for cell in _of_scale(scale, facts.episodes, infused)),
    )  # fmt: skip


def _relapsed(told: str, days: int) -> Cell:
    """The first relapse, as far as its date is known and may be told."""
    text = shifted(told, days)[0] if days else told
    return date.fromisoformat(text) if len(text) == _WHOLE_DAY else text


def _between(first: date | None, second: date | None) -> int | None:
    return whole_days_between(first, second) if first and second else None


def _of_scale(scale: str, episodes: Sequence[Episode], infused: date | None) -> tuple[Cell, ...]:
    """Highest grade, first and last day, whether it goes on, how many; empty where there is none.

    Nothing recorded is not grade 0: the number of bedside checks says whether anybody looked.
    """
    of = [episode for episode in episodes if episode.scale == scale]
    if not of:
        return None, None, None, "", None
    last = max(of, key=lambda episode: episode.last_on)
    return (
        max(episode.peak for episode in of),
        day_number(min(episode.onset_on for episode in of), infused) if infused else None,
        day_number(last.last_on, infused) if infused else None,
        "yes" if any(episode.ongoing for episode in of) else "no",
        len(of),
    )
