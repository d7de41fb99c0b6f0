"""The cohort report: which courses, and all that is known of them, in a fixed number of queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import Exists, OuterRef

from accounts.access import centre_of, require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import record
from exports import cohort_after_sql, cohort_follow_sql, cohort_sql
from exports.cohort_sql import Chosen, Row
from exports.domain.counted import DISEASE_STATUS, Counted, Toxic
from pathway.domain.rules import PathwayRules
from pathway.domain.spine import SPINE
from pathway.withholding import WITHHELD
from patients.models import Anchor, Course
from patients.models.courses import AnchorKind, CourseQuerySet
from patients.selectors import searched
from protocol.models import Protocol
from protocol.selectors import settings_of
from terms.day_numbers import local_date
from toxicity.domain.rules import ToxicityRules

_ENDS = frozenset(stage.value for stage in SPINE.ends)


@dataclass(frozen=True)
class CohortFilters:
    """What the cohort is narrowed to; both days of infusion are included."""

    product: str = ""
    protocol: str = ""  # a code, or a version as `code:version`
    centre: str = ""
    infused_after: date | None = None
    infused_before: date | None = None
    search: str = ""


@dataclass(frozen=True)
class Timely:
    """One item of the schedule: how often its window has passed, how often it was done in it."""

    item: str
    due: int
    timely: int


@dataclass(frozen=True)
class Cohort:
    """Every enrolled course that was chosen, in the order of entry.

    `coded` is that the reader sees no identities. `protocols` are the versions with the number of
    their courses.
    """

    patients: tuple[Counted, ...]
    items: tuple[Timely, ...]
    protocols: tuple[tuple[Protocol, int], ...]
    today: date
    coded: bool

    @property
    def infused(self) -> tuple[Counted, ...]:
        """Those who were given the cells."""
        return tuple(one for one in self.patients if one.infused)


def read_cohort(user: User, filters: CohortFilters, *, now: datetime) -> Cohort:
    """The cohort that `user` may see; the audit keeps that it was read, and how narrowed.

    Without courses whose patients took back the use of the data, or may have. Raises NotAllowed
    for somebody who may not read courses, or works at no centre.
    """
    found = cohort(user, filters, now=now)
    told = {name: value for name, value in vars(filters).items() if value}
    record(
        actor=user, now=now, action="cohort.read", after={**told, "courses": len(found.patients)}
    )
    return found


def cohort(user: User, filters: CohortFilters, *, now: datetime) -> Cohort:
    """The same without a trace, for what records its own reading."""
    require(user, Permission.READ_COURSES)
    centre = centre_of(user)
    today = local_date(now, centre.zone)
    coded = not user.may(Permission.SEE_IDENTITY)
    sql, params = chosen_courses(user, filters).order_by().values("pk").query.sql_with_params()
    found = cohort_sql.base(sql, params, [] if coded else list(settings.STUDY_CODES))
    versions = {row["protocol_id"] for row in found}
    protocols = Protocol.objects.filter(pk__in=versions).defer("data").order_by("code", "version")
    rules = {protocol.pk: _Rules.of(protocol) for protocol in protocols}
    chosen = _chosen(found, rules, today)
    more = _more(chosen, centre.time_zone) if found else {}
    patients = tuple(
        _counted(row, more.get(row["course_id"], {}), rules[row["protocol_id"]], today, coded)
        for row in found
    )
    counts = [(one, sum(row["protocol_id"] == one.pk for row in found)) for one in protocols]
    items = tuple(Timely(**row) for row in cohort_follow_sql.timely(chosen)) if found else ()
    return Cohort(patients, items, tuple(counts), today, coded)


def chosen_courses(user: User, filters: CohortFilters) -> CourseQuerySet:
    """The courses that `user` may see, narrowed, without those whose data are withheld."""
    found = Course.objects.visible_to(user).exclude(WITHHELD)
    if filters.product:
        found = found.filter(product=filters.product)
    if filters.protocol:
        code, _colon, version = filters.protocol.partition(":")
        found = found.filter(protocol__code=code)
        if version:
            number = int(version) if version.isascii() and version.isdecimal() else 0
            found = found.filter(protocol__version=min(number, 2**31 - 1))
    if filters.centre:
        found = found.filter(centre__code=filters.centre)
    given = Anchor.objects.filter(course=OuterRef("pk"), kind=AnchorKind.INFUSION)
    if filters.infused_after:
        found = found.filter(Exists(given.filter(actual_on__gte=filters.infused_after)))
    if filters.infused_before:
        found = found.filter(Exists(given.filter(actual_on__lte=filters.infused_before)))
    return searched(user, found, filters.search)


@dataclass(frozen=True)
class _Rules:
    """What a protocol says about how something is counted."""

    toxicity: ToxicityRules
    depletion_window: tuple[int, int]

    @classmethod
    def of(cls, protocol: Protocol) -> "_Rules":
        read = settings_of(protocol)
        intervals = PathwayRules.of(read).intervals
        window = (intervals.ld_end_to_infusion_min.value, intervals.ld_end_to_infusion_max.value)
        return cls(ToxicityRules.of(read), window)


def _chosen(found: Iterable[Row], rules: Mapping[int, _Rules], today: date) -> Chosen:
    rows = list(found)
    scores = [rules[row["protocol_id"]].toxicity.scores for row in rows]
    return Chosen(
        ids=[row["course_id"] for row in rows],
        infused=[row["infused_on"] for row in rows],
        until=[min(today, row["died_on"] or today) for row in rows],
        counted_days=[one.neutropenia_until_day.value for one in scores],
        thresholds=[one.b_cell_threshold.value for one in scores],
        today=today,
    )


def _more(chosen: Chosen, zone: str) -> dict[int, Row]:
    """What the other statements say of each course, under the names of their columns."""
    toxic = _toxic(chosen)
    parts = (
        cohort_sql.history(chosen),
        cohort_sql.pathway(chosen),
        cohort_after_sql.stays(chosen),
        cohort_after_sql.given(chosen),
        cohort_after_sql.neutropenia(chosen),
        cohort_after_sql.aplasia(chosen),
        cohort_after_sql.charted(chosen),
        cohort_follow_sql.contact(chosen, zone),
    )
    told: dict[int, Row] = {pk: {"toxic": toxic.get(pk, {})} for pk in chosen.ids}
    for row in (row for part in parts for row in part):
        told[row.pop("course_id")].update(row)
    return told


def _toxic(chosen: Chosen) -> dict[int, dict[str, Toxic]]:
    """The episodes by course and scale; nothing found is 0 only where somebody looked."""
    found: dict[int, dict[str, Toxic]] = {}
    for row in cohort_after_sql.checked(chosen):
        found.setdefault(row["course_id"], {})[row["scale"]] = Toxic(grade=0)
    for row in cohort_after_sql.episodes(chosen):
        course_id, scale = row.pop("course_id"), row.pop("scale")
        found.setdefault(course_id, {})[scale] = Toxic(**row)
    return found


def _counted(base: Row, more: Row, rules: _Rules, today: date, coded: bool) -> Counted:
    study_code = base.pop("study_code")
    known = {**base, **more}
    if coded:
        known.update(response=None)
        if known.get("disease_status") not in DISEASE_STATUS:
            known["disease_status"] = None
    known["organisms"] = tuple(known.get("organisms") or ())
    known |= {
        "patient": study_code or base["code"],
        "today": today,
        "ended": base["stage"] in _ENDS,
        "depletion_window": rules.depletion_window,
        "counting_ends": rules.toxicity.scores.neutropenia_until_day.value,
    }
    return Counted.of(known)
