"""Where a walk through the checks of a course begins: at the first, or where the last one ended."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce, JSONObject

from audit.prepared import Prepared, insert, update
from patients.models import Course
from protocol.selectors import settings_of
from toxicity.background import COLUMNS as BACKGROUND
from toxicity.background import Background
from toxicity.domain import crs, icans, iec_hs
from toxicity.domain.episodes import Run
from toxicity.domain.rules import ToxicityRules
from toxicity.domain.scales import Scale
from toxicity.models import Assessment, Episode, GradedSoFar, Treatment
from toxicity.models.given import HIDING
from toxicity.rebuilding import COLUMNS, stored_episode
from toxicity.walking import Reached, Walk

# Another number when a walk of before could not be gone on with.
_FORM = 2
_RULES = (crs.RULE_VERSION, icans.RULE_VERSION, iec_hs.RULE_VERSION, _FORM)
_HOW_MANY = (
    Assessment.objects.filter(course=OuterRef("pk"))
    .order_by()
    .values("course")
    .values(count=Count("pk"))
)
_MASKING = (
    Treatment.objects.filter(HIDING, course=OuterRef("pk"))
    .standing()
    .order_by("given_at", "pk")
    .values("given_at")
)
_EPISODES = Episode.objects.filter(course=OuterRef("pk")).order_by("scale", "ordinal")
_RESTS_ON = Prepared(
    lambda course: Course.objects.filter(pk=course).values_list(
        *BACKGROUND,
        "graded_so_far__pk",
        "graded_so_far__under",
        "graded_so_far__rows",
        "graded_so_far__reached",
        Coalesce(Subquery(_HOW_MANY), 0),
        ArraySubquery(_MASKING),
        ArraySubquery(_EPISODES.values_list(JSONObject(**{name: F(name) for name in COLUMNS}))),
    )
)


@dataclass(frozen=True)
class Outset:
    """What a walk through the checks of a locked course rests on, and how far the last one came.

    For a preview the course need not be locked: nothing is kept then.
    """

    course: Course
    infused_on: date | None
    masking: Sequence[datetime]
    rows: int  # checks of the course, replaced ones included
    so_far: GradedSoFar | None
    episodes: Sequence[Episode]  # as they are stored
    background: Background

    @classmethod
    def of(cls, course: Course, infused_on: date | None) -> "Outset":
        """Of a course now, counted from this day 0."""
        return replace(cls.read(course), infused_on=infused_on)

    @classmethod
    def read(cls, course: Course) -> "Outset":
        """Of a course now, in one query."""
        ((*known_before, pk, under, known, reached, rows, masking, episodes),) = _RESTS_ON(
            course.pk
        )
        so_far = GradedSoFar(pk, course.pk, under, known, reached) if pk else None
        stored = tuple(stored_episode(course, said) for said in episodes)
        background = Background.read(*known_before)
        return cls(course, background.infused_on, masking, rows, so_far, stored, background)

    def with_one_more(self) -> "Outset":
        """The same once one more check is stored."""
        return replace(self, rows=self.rows + 1)

    def afresh(self) -> Walk:
        """The walk from the first check on."""
        return self._walk(None)

    def gone_on(self, at: datetime, *, stored: int = 0) -> Walk | None:
        """The walk from where the last one ended, for one more check of the moment `at`.

        None where it has to begin afresh: that check is not the last in time, or anything else
        changed. `stored` is 1 where the check is among the rows already.
        """
        known = self.so_far
        if known is None and self.rows == stored:
            return self.afresh()  # the first check of all
        if known is None or known.under != self._under:
            return None
        if self.rows != known.rows + stored:
            return None
        reached = _read(known.reached)
        return None if reached.at is not None and at < reached.at else self._walk(reached)

    def keep(self, reached: Reached) -> None:
        """Let the next walk go on from here."""
        now = GradedSoFar(
            course=self.course, under=self._under, rows=self.rows, reached=_plain(asdict(reached))
        )
        if self.so_far is None:
            insert(now)
        else:
            now.pk = self.so_far.pk
            update(now, "under", "rows", "reached")

    def _walk(self, reached: Reached | None) -> Walk:
        return Walk(self.course.centre.zone, self.rules, self.infused_on, self.masking, reached)

    @property
    def rules(self) -> ToxicityRules:
        """Those of the course's protocol."""
        return ToxicityRules.of(settings_of(self.course.protocol))

    @property
    def _under(self) -> str:
        course = self.course
        rests_on = (
            course.protocol.sha256,
            str(course.centre.zone),
            self.infused_on,
            *self.masking,
            *_RULES,
        )
        return sha256(repr([*map(str, rests_on)]).encode()).hexdigest()


def crs_open_after(course: Course) -> datetime | None:
    """From when on a drug hides the fever of the CRS that is open; None where none is.

    As the last walk through the checks left it.
    """
    known = GradedSoFar.objects.filter(course=course).values_list("reached", flat=True).first()
    reached = Reached() if known is None else _read(known)
    runs = reached.runs.get(Scale.CRS, ())
    return reached.began_after if runs and runs[-1].ended_at is None else None


def _plain(value: Any) -> Any:
    """As JSON keeps it, moments to the microsecond."""
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _read(said: Mapping[str, Any]) -> Reached:
    runs = {
        scale: tuple(Run(**{**run, **_moments(run)}) for run in of_scale)
        for scale, of_scale in said["runs"].items()
    }
    stored = {scale: _moment(at) for scale, at in said["stored"].items()}
    return Reached(**{**said, **_moments(said), "runs": runs, "stored": stored})


def _moments(said: Mapping[str, Any]) -> dict[str, datetime | None]:
    names = (
        "at", "crs_at", "began_after", "hidden_at", "onset_at", "last_at", "peak_at", "ended_at",
    )  # fmt: skip
    found = {name: said[name] for name in (*names, "free_since") if name in said}
    return {name: _moment(text) for name, text in found.items()}


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
