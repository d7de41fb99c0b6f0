"""The standing doses of a course as facts, in one query, and the last day given in SQL."""

from collections import defaultdict
from datetime import date, timedelta

from audit.prepared import Prepared
from pathway.domain.doses import DoseFacts, DoseState
from pathway.domain.facts import CompanionFacts
from pathway.models import Dose
from patients.models import Course

MACHINES = frozenset({"containment", "bridging", "lymphodepletion"})
_STANDING = Prepared(
    lambda course: Dose.objects.filter(course=course, replaced_by=None).order_by("number")
)


def doses_by_companion(
    course: Course, day_zero: date | None
) -> dict[tuple[str, int], tuple[DoseFacts, ...]]:
    """The doses that stand, by machine and companion, in the order of their plan.

    An open dose of lymphodepletion is due on its day counted from `day_zero`, the planned one.
    """
    found: dict[tuple[str, int], list[DoseFacts]] = defaultdict(list)
    for dose in _STANDING(course.pk):
        found[dose.machine, dose.subject_id].append(facts_of(dose, day_zero))
    return {key: tuple(doses) for key, doses in found.items()}


def doses_left_out(machine: str, companion: CompanionFacts) -> bool:
    """Whether a companion was entered with its past, but without the doses that it has."""
    return machine in MACHINES and companion.doses_left_out


def facts_of(dose: Dose, day_zero: date | None) -> DoseFacts:
    """One row as the guards see it."""
    return DoseFacts(
        pk=dose.pk,
        number=dose.number,
        drug=dose.drug,
        state=state_of(dose),
        drug_class=dose.drug_class,
        route=dose.route,
        planned_on=due_on(dose, day_zero),
        planned_day=dose.planned_day,
        amount=dose.amount,
        unit=dose.unit,
        given_on=dose.given_on,
        given_amount=dose.given_amount,
        per_m2=dose.per_m2,
        amount_reason=dose.amount_reason,
        amount_counted=dose.amount_counted,
        deviation=dose.deviation,
        answers=tuple(dose.answers),
    )


def state_of(dose: Dose) -> DoseState:
    """What became of the dose."""
    if dose.given_on is not None:
        return DoseState.GIVEN
    return DoseState.NOT_GIVEN if dose.not_given_reason else DoseState.ORDERED


def due_on(dose: Dose, day_zero: date | None) -> date | None:
    """The day for which the dose is planned; None while nothing says so."""
    if dose.planned_on is not None or dose.machine != "lymphodepletion":
        return dose.planned_on
    if day_zero is None or dose.planned_day is None:
        return None
    return day_zero + timedelta(days=dose.planned_day)


def last_given_sql(machine: str, table: str) -> str:
    """The column with the last day on which a dose of the companion was given, for one SELECT."""
    if machine not in MACHINES:
        return "NULL::date AS last_given_on"
    # Every name stands in our own models.
    return (
        "(SELECT max(given_on) FROM pathway_dose d "  # noqa: S608
        f"WHERE d.course_id = \"{table}\".course_id AND d.machine = '{machine}' "
        f'AND d.subject_id = "{table}".id AND NOT EXISTS '
        "(SELECT 1 FROM pathway_dose later WHERE later.replaces_id = d.id)) AS last_given_on"
    )
