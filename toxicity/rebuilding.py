"""Writing the episodes of a course as its checks give them now."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from audit.prepared import update_all
from patients.models import Course
from terms.day_numbers import local_date
from toxicity.domain.episodes import Episodes
from toxicity.models import Episode

_SAID = (
    "onset_at", "last_at", "onset_on", "last_on", "peak", "peak_at", "ended_at", "to_confirm",
    "flares",
)  # fmt: skip
COLUMNS = ("id", "scale", "ordinal", *_SAID)


def stored_episode(course: Course, said: Mapping[str, Any]) -> Episode:
    """A row that came as JSON beside its course."""
    told = {name: _read(name, said[name]) for name in COLUMNS if said[name]}
    return Episode(course=course, **told)


def rebuild(
    course: Course, found: Mapping[str, Episodes], rows: Iterable[Episode]
) -> frozenset[str]:
    """Let the `rows` of a locked course say what was `found` by scale; what stands is left alone.

    Returns the scales of which an episode began, is over, or is another one than it was. One that
    goes on has a later last day with every check: what is counted from it follows in the sweep.
    """
    stored = {(row.scale, row.ordinal): row for row in rows}
    begun, changed, scales = [], [], set()
    for row in _wanted(course, found):
        old = stored.pop((row.scale, row.ordinal), None)
        if old is None:
            begun.append(row)
            scales.add(row.scale)
        elif any(getattr(old, name) != getattr(row, name) for name in _SAID):
            row.pk = old.pk
            changed.append(row)
            scales.update([row.scale] * (_days(old) != _days(row)))
    if begun:
        _begin(begun, changed)
    else:
        update_all(changed, *_SAID)
    if stored:
        Episode.objects.filter(pk__in=[row.pk for row in stored.values()]).delete()
    return frozenset(scales.union(row.scale for row in stored.values()))


def _begin(begun: list[Episode], changed: list[Episode]) -> None:
    """Write new rows, and those that are others now, in one statement."""
    for row in changed:
        row.pk = None
    Episode.objects.bulk_create(
        [*begun, *changed],
        update_conflicts=True,
        unique_fields=["course", "scale", "ordinal"],
        update_fields=_SAID,
    )


def _read(name: str, value: Any) -> Any:
    if name.endswith("_at"):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if name.endswith("_on") else value


def _days(row: Episode) -> tuple[date, date | None]:
    return row.onset_on, None if row.ongoing else row.last_on


def _wanted(course: Course, found: Mapping[str, Episodes]) -> list[Episode]:
    zone = course.centre.zone
    return [
        Episode(
            course=course,
            scale=scale,
            ordinal=ordinal,
            onset_at=run.onset_at,
            last_at=run.last_at,
            onset_on=local_date(run.onset_at, zone),
            last_on=local_date(run.last_at, zone),
            peak=run.peak,
            peak_at=run.peak_at,
            ended_at=run.ended_at,
            to_confirm=run.to_confirm,
            flares=run.flares,
        )
        for scale, episodes in found.items()
        for ordinal, run in enumerate(episodes.runs, start=1)
    ]
