"""What causes what across apps, and who reads which section of a protocol, on one page."""

from pathway import (
    booking,
    chart_notices,
    corrected_measures,
    depletion_plan,
    ending,
    further_course,
    held_by_product,
    washout_lines,
)
from pathway.domain import rules
from patients import consequences, foresight, objections
from patients.consequences import Consequence, Event
from patients.domain import delays, ranges
from patients.objections import Question
from protocol import sections
from reminders import appointments_followed, loading, noticing, pictured, planning
from reminders.domain import b_cells, items, sending
from toxicity import after_death, counting_anew, death_withdrawn, icans_told
from toxicity.domain import rules as toxicity_rules

# What waits and what is booked go with a course, and come back with it.
_ENDED = (planning.cancel_all, appointments_followed.cancel_ahead)
_CAME_BACK = (planning.restore_all, appointments_followed.restore)


def wire() -> None:
    """Fill the registries; harmless when called again."""
    owners = (rules, delays, ranges, items, b_cells, sending, toxicity_rules)
    for table in (owner.SECTIONS for owner in owners):
        for name, parser in table.items():
            sections.register(name, parser)
    _wire_consequences()
    loading.wire((icans_told.icans_spells,))
    foresight.wire((pictured.waiting, pictured.booked))
    objections.wire(
        {
            Question.HOLD_ENDS: (held_by_product.refuse_release,),
            Question.COURSE_RESUMES: (further_course.refuse_resuming,),
            Question.PATIENT_DIES: (after_death.refuse_death,),
        }
    )


def _wire_consequences() -> None:
    consequences.wire({**_of_facts(), **_of_ends()})


def _of_facts() -> dict[Event, tuple[Consequence, ...]]:
    """What is recorded, planned or put right."""
    return {
        Event.ANCHOR_CHANGED: (
            planning.replan,
            noticing.watch_b_cells,
            counting_anew.on_day_zero,
        ),
        Event.STEP_PLANNED: (booking.follow_plan, depletion_plan.follow_plan),
        Event.RESULT_RECORDED: (
            planning.on_result,
            noticing.watch_b_cells,
            corrected_measures.on_measured,
            chart_notices.on_charted,
        ),
        Event.FACT_CORRECTED: (
            planning.reopen_answered,
            planning.on_fact,
            noticing.on_undone,
            noticing.watch_consent,
            corrected_measures.on_fact_corrected,
            chart_notices.on_charted,
            washout_lines.on_line_charted,
        ),
        Event.CHART_CHANGED: (
            planning.on_fact,
            noticing.watch_consent,
            counting_anew.on_given,
            chart_notices.on_charted,
            washout_lines.on_line_charted,
        ),
        Event.RELAPSE_RECORDED: (planning.on_fact, noticing.watch_relapses),
        Event.HOLD_OPENED: (noticing.on_hold_opened,),
        Event.HOLD_REOPENED: (noticing.on_hold_reopened,),
        Event.NUMBER_CHANGED: (noticing.on_number_changed,),
    }


def _of_ends() -> dict[Event, tuple[Consequence, ...]]:
    """Ends of a course, and the ways back."""
    return {
        Event.PATIENT_DIED: (
            ending.on_patient_died,
            *_ENDED,
            noticing.on_patient_died,
        ),
        Event.DEATH_WITHDRAWN: (
            ending.on_death_withdrawn,
            *_CAME_BACK,
            noticing.on_undone,
            death_withdrawn.on_death_withdrawn,
        ),
        Event.ENTERED_IN_ERROR: (
            ending.on_entered_in_error,
            *_ENDED,
            noticing.on_entered_in_error,
        ),
        Event.ERROR_UNDONE: (
            ending.on_error_undone,
            *_CAME_BACK,
            noticing.on_error_undone,
        ),
        Event.COURSE_CLOSED: _ENDED,
        Event.COURSE_COMPLETED: (planning.complete, appointments_followed.cancel_ahead),
        Event.COURSE_REOPENED: (
            *_CAME_BACK,
            noticing.on_undone,
        ),
    }
