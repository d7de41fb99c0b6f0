"""Reading results: the latest value of each analyte, and the body surface counted from them."""

from collections.abc import Collection, Mapping
from datetime import date

from patients.domain.body import BodySurface, Measure, surface
from patients.domain.lab_values import Reading
from patients.domain.ranges import BodyRules
from patients.models import Course, LabResult
from protocol.selectors import settings_of

WEIGHT, HEIGHT = "WEIGHT", "HEIGHT"


def latest_results(
    course: Course, analytes: Collection[str] = (), *, until: date | None = None
) -> Mapping[str, Reading]:
    """The latest dated value of each of `analytes` (all when empty), in one query.

    An analyte without any is left out: there is no stand-in for what is not known. Values are in
    the unit they are kept in, see `Reading.unit`; of two on one day the one entered last counts.
    A value without a day is never the latest. `until` leaves out what came after that day.
    """
    found = LabResult.objects.filter(course=course).exclude(on="")
    if analytes:
        found = found.filter(analyte__in=analytes)
    if until is not None:
        found = found.filter(on__lte=until.isoformat())
    latest = found.order_by("analyte", "-on", "-pk").distinct("analyte")
    return {row.analyte: reading_of(row) for row in latest}


def reading_of(row: LabResult) -> Reading:
    """A row as guards and pages read it."""
    return Reading(
        value=row.value,
        unit=row.unit,
        comparator=row.comparator,
        answer=row.result,
        on=date.fromisoformat(row.on) if row.on else None,
        typed=row.typed,
    )


def body_surface(course: Course, on: date) -> BodySurface:
    """The body surface on the day `on` by the formula of the protocol, in one query.

    Only from a weight and a height that were taken by then and are not too old: otherwise
    `square_metres` is None and `refusals` say why.
    """
    return surface_of(course, latest_results(course, (WEIGHT, HEIGHT), until=on), on)


def surface_of(course: Course, latest: Mapping[str, Reading], on: date) -> BodySurface:
    """The same from results that are known already, none of them later than `on`."""
    rules = body_rules(course)
    return surface(
        formula=rules.surface_formula.value,
        weight=measure_of(latest.get(WEIGHT)),
        height=measure_of(latest.get(HEIGHT)),
        on=on,
        weight_days=rules.weight_days.value,
        height_days=rules.height_days.value,
    )


def body_rules(course: Course) -> BodyRules:
    """What the course's protocol says of weight, height and body surface."""
    return settings_of(course.protocol).section("body", BodyRules)


def weight_before(course: Course, on: date, *, besides: int | None) -> Measure | None:
    """The weight that stands on the day `on`, without the entry that is corrected."""
    rows = LabResult.objects.filter(course=course, analyte=WEIGHT, on__lte=on.isoformat())
    row = rows.exclude(on="").exclude(pk=besides or 0).order_by("-on", "-pk").first()
    return measure_of(reading_of(row)) if row is not None else None


def measure_of(reading: Reading | None) -> Measure | None:
    """An exact number with its day; a limit is none."""
    if reading is None or reading.value is None or reading.comparator or reading.on is None:
        return None
    return Measure(reading.value, reading.on)
