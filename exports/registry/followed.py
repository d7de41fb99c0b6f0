"""What became of a patient in one reporting period."""

from collections.abc import Iterator
from datetime import date

from exports.course_records import CourseRecord
from exports.domain.reporting_periods import Period
from exports.registry.answers import NO, YES, Answers, if_yes, is_after, listed
from exports.tables import Cell
from patients.models import LabResult, MarrowResult, Relapse, Stay, Transplant
from patients.models.courses import Anchor
from terms.day_numbers import local_date
from terms.partial_dates import parse
from toxicity.domain.given import STEROIDS
from toxicity.domain.scales import Scale
from toxicity.models import Episode, Infection, Treatment

SCALES = (Scale.CRS, Scale.ICANS, Scale.IEC_HS)
_BEST = ("cr", "cri", "none")
_RESPONSES = {"cr": "CR", "cri": "CRi", "none": "no remission"}
_THERAPIES = ("tocilizumab", "siltuximab")


def followed(record: CourseRecord, period: Period) -> Answers:
    """Every answer by its key; None where nothing of the period says it."""
    answers: Answers = {
        "period": period.name,
        "period_begins": period.begins,
        "period_ends": period.ends,
        **_survival(record, period),
        **_response(record, period),
    }
    for scale in SCALES:
        answers |= _toxicity(record, period, scale)
    return {**answers, **_infections(record, period), **_later(record, period)}


def _exact(text: str) -> date | None:
    """A day that is known as one."""
    known = parse(text) if text else None
    return known.earliest() if known is not None and known.precision == "day" else None


def contacts(record: CourseRecord) -> Iterator[date]:
    """Every day on which something of the patient was seen, measured or given."""
    zone = record.course.centre.zone
    entries = (*record.of(LabResult), *record.of(MarrowResult), *record.of(Relapse))
    yield from (on for row in entries if (on := _exact(row.on)) is not None)
    yield from (local_date(grade.at, zone) for grade in record.grades)
    yield from (local_date(row.given_at, zone) for row in record.of(Treatment))
    yield from (row.actual_on for row in record.of(Anchor) if row.actual_on is not None)
    yield from (stay.ended_on or stay.began_on for stay in record.of(Stay))


def _survival(record: CourseRecord, period: Period) -> Answers:
    """Alive only by what was seen in the period: silence says nothing."""
    death = record.death
    dead = death is not None and death.died_on <= period.ends
    seen = [on for on in contacts(record) if period.holds(on)]
    return {
        "survival_status": "dead" if dead else "alive" if seen else None,
        "date_last_contact": death.died_on if death and dead else max(seen, default=None),
        "cause_of_death": if_yes(YES if dead else NO, death.category if death else None),
    }


def _response(record: CourseRecord, period: Period) -> Answers:
    found = [
        (_BEST.index(row.remission), on, row.remission)
        for row in record.of(MarrowResult)
        if row.remission and period.holds(on := _exact(row.on))
    ]
    best = min(found, default=None)
    relapses = [row for row in record.of(Relapse) if row.kind != "mrd" and is_after(record, row)]
    inside = sorted(
        (row for row in relapses if period.holds(_exact(row.on))), key=lambda row: row.on
    )
    undated = any(row for row in relapses if _exact(row.on) is None)
    # A check in remission, and no relapse that could lie here, says that there was none.
    well = best is not None and best[2] != "none" and not undated
    answer = YES if inside else NO if well else None
    return {
        "best_response": _RESPONSES[best[2]] if best else None,
        "best_response_date": best[1] if best else None,
        "relapse": answer,
        "relapse_date": if_yes(answer, inside[0].on if inside else None),
        "relapse_kind": if_yes(answer, inside[0].kind if inside else None),
    }


def _toxicity(record: CourseRecord, period: Period, scale: Scale) -> Answers:
    """One that began earlier and lasts is told again, and that it was told before.

    How it stood at the end of the period: what came after it belongs to the next one.
    """
    zone, key = record.course.centre.zone, scale.value
    found = [
        one
        for one in record.of(Episode)
        if one.scale == scale and period.touches(one.onset_on, None if one.ongoing else one.last_on)
    ]
    grades = [
        grade.grade
        for grade in record.grades
        if grade.scale == scale and grade.grade is not None
        if period.holds(local_date(grade.at, zone))
    ]
    answer = YES if found else NO if grades else None
    over = [one for one in found if not one.ongoing and one.last_on <= period.ends]
    # The peak of what lies across two periods may be of the other one: its checks say.
    whole = [one for one in over if one.onset_on >= period.begins]
    highest = (one.peak for one in whole) if len(whole) == len(found) else grades
    all_over = len(over) == len(found)
    details: tuple[tuple[str, Cell], ...] = (
        ("diagnosis_date", found[0].onset_on if found else None),
        ("previously_reported", _yes(found and found[0].onset_on < period.begins)),
        ("max_grade", max(highest, default=None)),
        ("resolved", _yes(all_over)),
        ("resolved_date", max((one.last_on for one in over), default=None) if all_over else ""),
        ("therapy", listed(_therapies(record, period, key))),
    )
    return {
        f"{key}_occurred": answer,
        **{f"{key}_{name}": if_yes(answer, cell) for name, cell in details},
    }


def _yes(said: object) -> str:
    return YES if said else NO


def _therapies(record: CourseRecord, period: Period, purpose: str) -> Iterator[str]:
    zone = record.course.centre.zone
    for row in record.of(Treatment):
        if row.purpose != purpose or not period.holds(local_date(row.given_at, zone)):
            continue
        if row.drug in STEROIDS:
            yield "steroids"
        else:
            yield row.drug if row.drug in _THERAPIES else "other"


def _infections(record: CourseRecord, period: Period) -> Answers:
    """Those that began in the period; that none is on record is no “no”."""
    found = [row for row in record.of(Infection) if period.holds(row.began_on)]
    return {
        "infection": YES if found else None,
        "infections": listed(
            f"{row.organism} {row.site} {row.began_on.isoformat()}" for row in found
        ),
    }


def _later(record: CourseRecord, period: Period) -> Answers:
    zone = record.course.centre.zone
    ivig = any(
        row.drug == "immunoglobulin" and period.holds(local_date(row.given_at, zone))
        for row in record.of(Treatment)
    )
    after = [
        row
        for row in record.of(Transplant)
        if row.kind == "allo" and is_after(record, row) and period.holds(_exact(row.on))
    ]
    return {
        "ivig": YES if ivig else None,
        "subsequent_hct": YES if after else None,
        "subsequent_hct_date": after[0].on if after else None,
        "subsequent_hct_reason": after[0].purpose or None if after else None,
    }
