"""What stands against a bedside check: its time, an unusual value, a grade where none may be."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from patients.domain.dating import refuse_before
from patients.models import Course
from protocol.selectors import settings_of
from terms.day_numbers import local_date
from terms.refusals import Refusal
from terms.words import N_
from toxicity.background import Background
from toxicity.domain.crs import CrsSigns
from toxicity.domain.rules import Mode, ToxicityRules
from toxicity.domain.scales import MOST, Scale
from toxicity.seen import Seen


def faults_of(
    course: Course,
    seen: Seen,
    now: datetime,
    known: Background,
    *,
    corrects: bool = False,
) -> list[Refusal]:
    """Everything that stands against recording what was `seen` on a locked course.

    What corrects a check has a reason of its own, and is asked for none because it comes late.
    """
    rules = ToxicityRules.of(settings_of(course.protocol))
    return [
        *_when(course, seen, now, known.infused_on),
        *([] if corrects else _late(rules, seen, now)),
        *unusual(rules, seen.crs, confirmed=seen.confirmed),
        *_modes(rules, seen),
        *_deaths(course, seen, known.died_on),
    ]


def _when(course: Course, seen: Seen, now: datetime, infused_on: date | None) -> list[Refusal]:
    if seen.observed_at > now:
        message = N_("This time is in the future: only what has been seen is recorded.")
        return [Refusal(code="future_time", message=message, field="observed_at")]
    on = local_date(seen.observed_at, course.centre.zone)
    found = refuse_before(
        on,
        course.referred_on,
        code="before_referral",
        message=N_("This is before the referral, on %(limit)s."),
        field="observed_at",
    )
    if not seen.baseline and infused_on is None:
        message = N_("No infusion is recorded: only a check before it, the baseline, can be.")
        found.append(Refusal(code="not_infused", message=message, field="baseline"))
    elif not seen.baseline and infused_on is not None and on < infused_on:
        message = N_("This is before the infusion, on %(limit)s: record it as the baseline.")
        found.append(
            Refusal(
                code="before_infusion",
                message=message,
                params={"limit": infused_on},
                field="observed_at",
            )
        )
    elif seen.baseline and infused_on is not None and on > infused_on:
        message = N_("A baseline is before the infusion, on %(limit)s.")
        found.append(
            Refusal(
                code="baseline_late",
                message=message,
                params={"limit": infused_on},
                field="baseline",
            )
        )
    return found


def _late(rules: ToxicityRules, seen: Seen, now: datetime) -> list[Refusal]:
    """What was seen long ago says in the remark why it is recorded only now."""
    hours = rules.late_hours.value
    if now - seen.observed_at <= timedelta(hours=hours) or seen.remark.strip():
        return []
    message = N_("This was seen more than %(hours)s hours ago: say why it is recorded only now.")
    return [Refusal(code="late_reason", message=message, params={"hours": hours}, field="remark")]


def unusual(rules: ToxicityRules, crs: CrsSigns | None, *, confirmed: bool) -> list[Refusal]:
    """What stands against a temperature that nobody confirmed though it is a rare one."""
    if crs is None or crs.temp_c is None or confirmed:
        return []
    low, high = rules.temperature.value
    if low <= crs.temp_c <= high:
        return []
    message = N_("%(value)s °C is unusual: measure again, or say that you checked it.")
    params: dict[str, Decimal] = {"value": crs.temp_c}
    return [Refusal(code="confirm_temp", message=message, params=params, field="temp_c")]


def _modes(rules: ToxicityRules, seen: Seen) -> list[Refusal]:
    """A grade is computed, or picked, as the centre decided: never both."""
    said = {Scale.CRS: seen.crs, Scale.ICANS: seen.icans, Scale.IEC_HS: seen.iec_hs}
    found = []
    if not seen.chosen and all(signs is None for signs in said.values()):
        message = N_("Nothing was recorded: say at least one sign.")
        found.append(Refusal(code="nothing_seen", message=message))
    for scale, signs in said.items():
        computed = rules.mode(scale) is Mode.COMPUTED
        if scale in seen.chosen and (computed or seen.baseline):
            message = N_("This grade is computed from the signs and cannot be picked.")
            found.append(Refusal(code="grade_computed", message=message, field=f"{scale}_grade"))
        elif signs is not None and scale not in seen.chosen and not computed and not seen.baseline:
            message = N_("Pick the grade beside the published table, or not assessable.")
            found.append(Refusal(code="grade_needed", message=message, field=f"{scale}_grade"))
        grade = seen.chosen.get(scale)
        if grade is not None and not 0 <= grade <= MOST:
            message = N_("A grade lies between 0 and 5.")
            found.append(Refusal(code="no_such_grade", message=message, field=f"{scale}_grade"))
        elif scale in seen.chosen and grade != MOST and scale in _died_of(seen):
            message = N_("Death by this toxicity is grade 5: pick it, or take the death away.")
            found.append(Refusal(code="death_is_5", message=message, field=f"{scale}_grade"))
    return found


def _died_of(seen: Seen) -> frozenset[Scale]:
    """The scales of which the signs say that the patient died."""
    said = {
        Scale.CRS: seen.crs is not None and seen.crs.death_due_to_crs,
        Scale.ICANS: seen.icans is not None and seen.icans.death_due_to_icans,
        Scale.IEC_HS: seen.iec_hs is not None and bool(seen.iec_hs.death),
    }
    return frozenset(scale for scale, died in said.items() if died)


def _deaths(course: Course, seen: Seen, died_on: date | None) -> list[Refusal]:
    on = local_date(seen.observed_at, course.centre.zone)
    if died_on is not None and on > died_on:
        message = N_("This is after the patient's death.")
        return [Refusal(code="after_death", message=message, field="observed_at")]
    if died_on is not None:
        return []
    message = N_("Grade 5 is a death: record the death first.")
    picked = [scale for scale, grade in seen.chosen.items() if grade == MOST]
    fields = [f"{scale}_grade" for scale in picked] or [""] * bool(_died_of(seen))
    return [Refusal(code="death_not_recorded", message=message, field=field) for field in fields]
