"""Opening a companion beside a journey: plan containment, book apheresis, order a product."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from django.db import transaction

from accounts.models import User
from audit.recording import record
from pathway.booking import against_booking, without_answered
from pathway.domain.collection_guards import collection_not_begun
from pathway.domain.companions import CLOSED_BY_EXIT, COMPANIONS
from pathway.domain.dose_guards import before_depletion, product_lasts, repeat_allowed
from pathway.domain.facts import LOST_PRODUCT
from pathway.domain.guards import patient_alive, stage_is
from pathway.domain.outsets import against_outset, needed, outset_of
from pathway.domain.product_guards import former_lost
from pathway.loading import CourseState, load_state
from pathway.loading_companions import MODELS
from pathway.models import Companion
from pathway.regimens import order_regimen
from pathway.timing import refuse_time
from pathway.writing import Step, write_change
from patients import anchors
from patients.courses import check_version, lock_course, raise_version
from patients.domain.dating import refuse_future
from patients.models.courses import AnchorKind
from terms.day_numbers import local_date
from terms.refusals import NotAllowed, Refusal, Refused
from terms.roles import ROLE_NAMES, Role
from terms.words import N_

_CO, _HA, _PH, _CL = Role.COORDINATOR, Role.HAEMATOLOGIST, Role.PHARMACIST, Role.CELL_LAB
# Who may open a companion, at which stages, and which fields describe it. Eligibility reviews open
# by themselves when the journey comes to eligibility.
OPENERS: dict[str, tuple[Role, ...]] = {
    "containment": (_HA,),
    "apheresis": (_CO, _HA, Role.APHERESIS_NURSE),
    "product": (_CO, _PH, _CL),
    "bridging": (_HA,),
    "lymphodepletion": (_HA,),
}
STAGES: dict[str, tuple[str, ...]] = {
    "containment": ("eligibility", "apheresis"),
    "apheresis": ("apheresis",),
    "product": ("apheresis", "bridging", "lymphodepletion"),
    "bridging": ("apheresis", "bridging"),
    "lymphodepletion": ("bridging", "lymphodepletion"),
}
FIELDS: dict[str, tuple[str, ...]] = {
    "containment": ("outset", "drug", "drug_class", "planned_on", "reason"),
    "apheresis": ("planned_on",),
    "product": ("order_number", "expected_on"),
    "bridging": ("outset", "drug", "drug_class", "planned_on", "last_dose_on", "reason"),
    "lymphodepletion": ("regimen", "planned_on"),
}


# Whose planned day is also the plan of an anchor: said in one place, kept in one place.
_PLANS = {"apheresis": AnchorKind.APHERESIS, "lymphodepletion": AnchorKind.LYMPHODEPLETION}
REQUIRED: dict[str, tuple[str, ...]] = {
    "containment": ("drug", "drug_class"),
    "apheresis": ("planned_on",),
    "product": (),
    "bridging": ("drug", "drug_class"),
    "lymphodepletion": ("regimen",),
}


@transaction.atomic
def open_companion(
    *,
    course_id: int,
    machine: str,
    values: Mapping[str, Any],
    actor: User,
    now: datetime,
    happened_at: datetime | None = None,
    expected_version: int | None = None,
    overrides: Mapping[str, str] = MappingProxyType({}),
    source: str = "",
) -> Companion:
    """Open a companion in its starting state; `values` are cleaned values of FIELDS[machine].

    `overrides` maps the code of a soft refusal to the reason given, as at a move. Raises
    Course.DoesNotExist, StaleVersion, NotAllowed, or Refused with every reason at once.
    """
    course = lock_course(course_id, actor=actor)
    check_version(course, expected_version)
    state, at = load_state(course), happened_at or now
    on = local_date(at, course.centre.zone)
    standing, used = without_answered(
        [
            *opening_refusals(state, machine, actor, on),
            *_value_refusals(state, machine, values, now),
            *against_booking(state, machine, values, on),
            *refuse_time(course, at, now),
        ],
        overrides,
        actor,
    )
    _refuse(standing)
    numbered = {"number": len(state.of(machine)) + 1} if machine == "apheresis" else {}
    companion: Companion = MODELS[machine]._default_manager.create(
        course=course,
        state=_start(machine, values),
        state_since=on,
        created_at=now,
        created_by=actor.get_username(),
        source=source,
        **{name: values[name] for name in _columns(machine) if values.get(name) not in (None, "")},
        **numbered,
    )
    write_change(_first_step(companion, machine, values, at, actor, now, used))
    if machine == "lymphodepletion":
        order_regimen(state, companion, actor, now)
    _finish(companion, machine, values, actor, now)
    return companion


def _columns(machine: str) -> tuple[str, ...]:
    return tuple(name for name in FIELDS[machine] if name not in ("outset", "reason"))


def _first_step(
    companion: Companion,
    machine: str,
    values: Mapping[str, Any],
    at: datetime,
    actor: User,
    now: datetime,
    used: tuple[Mapping[str, str], ...],
) -> Step:
    return Step(
        course=companion.course,
        machine=machine,
        subject_id=companion.pk,
        source="",
        target=companion.state,
        happened_at=at,
        actor=actor,
        now=now,
        reason=str(values.get("reason") or "").strip(),
        overrides=used,
        details={name: value for name, value in values.items() if name != "reason"},
        data_source=companion.source,
    )


def _refuse(refusals: list[Refusal]) -> None:
    if any(refusal.code == "role" for refusal in refusals):
        raise NotAllowed(refusals)
    if refusals:
        raise Refused(refusals)


def _finish(
    companion: Companion, machine: str, values: Mapping[str, Any], actor: User, now: datetime
) -> None:
    if machine in _PLANS and values.get("planned_on"):
        plan = (companion.course, _PLANS[machine], values["planned_on"])
        anchors.plan_in_lock(*plan, actor=actor, now=now)
    raise_version(companion.course)
    record(
        actor=actor,
        now=now,
        action=f"{machine}.open",
        obj=companion,
        course_id=companion.course.pk,
        patient_id=companion.course.patient_id,
        after=dict(values),
    )


def opening_refusals(
    state: CourseState, machine: str, actor: User, on: date | None = None
) -> list[Refusal]:
    """Everything against `actor` opening one more companion `on` a day; the button asks this too.

    Without a day nothing is said about what time alone decides.
    """
    facts = state.facts(on=on or state.journey.stage_since)
    refusals: list[Refusal] = []
    if actor.roles.isdisjoint(OPENERS[machine]):
        refusals.append(
            Refusal(
                code="role",
                message=N_("Your role may not make this move."),
                params={"roles": ", ".join(ROLE_NAMES[role] for role in OPENERS[machine])},
                who_may=tuple(OPENERS[machine]),
            )
        )
    guards = [patient_alive, stage_is(*STAGES[machine])]
    if machine == "containment":
        guards.append(collection_not_begun)
    if machine == "product":
        guards.append(former_lost)
    if machine == "lymphodepletion":
        guards += [*((repeat_allowed,) if on else ()), product_lasts]
    found = (guard(facts) for guard in guards)
    refusals += [refusal for refusal in found if refusal is not None]
    refusals += _one_at_a_time(state, machine)
    return refusals


def _value_refusals(
    state: CourseState, machine: str, values: Mapping[str, Any], now: datetime
) -> list[Refusal]:
    """What is missing, a plan that cannot be, a drug class that the course's protocol lacks.

    A mistyped class would count as having no washout at all.
    """
    refusals = [
        Refusal(code="value_missing", message=N_("This is needed."), field=name)
        for name in needed(machine, values, REQUIRED[machine])
        if str(values.get(name) or "").strip() == ""
    ]
    refusals += against_outset(machine, values)
    refusals += _against_last_dose(state, values, now)
    if machine in _PLANS and values.get("planned_on"):
        refusals += anchors.refuse_plan(
            state.course, _PLANS[machine], values["planned_on"], now=now
        )
    drug_class = values.get("drug_class")
    known = state.facts(on=state.journey.stage_since).rules.washouts.by_class
    if drug_class and drug_class not in known:
        refusals.append(
            Refusal(
                code="unknown_drug_class",
                message=N_("Choose a drug class of this course's protocol."),
                field="drug_class",
            )
        )
    return refusals


def _against_last_dose(
    state: CourseState, values: Mapping[str, Any], now: datetime
) -> list[Refusal]:
    """A last dose lies in the past: what is still given has none yet."""
    last = values.get("last_dose_on")
    if last is None:
        return []
    late = before_depletion(state.facts(on=last))
    return [
        *refuse_future(last, local_date(now, state.course.centre.zone), "last_dose_on"),
        *([replace(late, field="last_dose_on")] if late else []),
    ]


def _one_at_a_time(state: CourseState, machine: str) -> list[Refusal]:
    """A second one only when the first is over; a second product only when the first is lost."""
    rows = state.of(machine)
    if machine == "product":
        standing = [row for row in rows if row.state not in LOST_PRODUCT]
    else:
        standing = [row for row in rows if row.state in CLOSED_BY_EXIT[machine]]
        standing += [row for row in rows if row.state == "completed"]
    if not standing:
        return []
    return [
        Refusal(
            code="already_open",
            message=N_("There is already one, in state “%(state)s”."),
            params={
                "state": COMPANIONS[machine].labels[COMPANIONS[machine].state(standing[-1].state)]
            },
        )
    ]


def _start(machine: str, values: Mapping[str, Any]) -> str:
    """The state it opens in: containment and bridging may begin as not needed."""
    return outset_of(machine, values) or str(COMPANIONS[machine].starts[0].value)
