"""Ordering doses, and saying of each whether it was given: the services of the wards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from pathway import dose_refusals as r
from pathway.depletion_notices import tell_undone
from pathway.domain import surface_doses as s
from pathway.domain.doses import DoseFacts, DoseState, refuse_route
from pathway.dose_answers import keep_answers_at
from pathway.dose_doubts import retimed_further
from pathway.dose_following import against_following, follow_dose, order_following
from pathway.dose_found import Found, lock_dose
from pathway.dose_of_cancelled import begin_and_stop, tell_still_begun
from pathway.dose_rows import add_dose, date_depletion, replace_dose
from pathway.dose_surfaces import comes_to, kept_of_amount, rate_of, with_amount
from pathway.dose_told import answers_of, answers_of_time, retimed, tell_told
from pathway.loading import load_state
from pathway.loading_companions import MODELS
from pathway.models import Dose
from pathway.transitions import MoveOrder
from pathway.washout_notices import take_back, tell_past_washout
from patients.courses import check_version, lock_course, raise_version
from terms.day_numbers import local_date
from terms.refusals import Refusal


@dataclass(frozen=True)
class DoseOrder:
    """A dose to be given. `planned_day` counts as the machine does; an unknown amount is None."""

    drug: str
    drug_class: str = ""
    route: str = ""
    planned_on: date | None = None
    planned_day: int | None = None
    amount: Decimal | None = None
    unit: str = "mg"
    remark: str = ""


@dataclass(frozen=True)
class DoseGiven:
    """A dose as it was given. `deviation` says why it was another day or amount than ordered."""

    given_at: datetime
    amount: Decimal | None = None
    verified_by: str = ""
    deviation: str = ""
    remark: str = ""
    overrides: Mapping[str, str] = field(default_factory=dict)

    def said_of(self, asked: Sequence[Refusal]) -> str:
        """Why it was otherwise than ordered, and why it was given against what is `asked`."""
        said = r.reasons_given(self.deviation, asked, self.overrides)
        return with_amount(said, asked, self.overrides)


@transaction.atomic
def order_doses(
    *,
    course_id: int,
    machine: str,
    pk: int,
    orders: Sequence[DoseOrder],
    actor: User,
    now: datetime,
    overrides: Mapping[str, str] | None = None,
    expected_version: int | None = None,
    source: str = "",
) -> tuple[Dose, ...]:
    """Order doses of a companion that is not over.

    Raises Refused with everything against any of them, NotAllowed, StaleVersion, DoesNotExist.
    """
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.ORDER_DOSES)
    check_version(course, expected_version)
    companion = MODELS[machine]._default_manager.get(course=course, pk=pk)
    state, waived = load_state(course), overrides or {}
    row = next(row for row in state.of(machine) if row.pk == pk)
    today = local_date(now, course.centre.zone)
    found: list[Refusal] = r.refuse_ordering(state, row)
    sums = [comes_to(state, rate_of(state, machine, order.drug), today) for order in orders]
    for order, counted in zip(orders, sums, strict=True):
        found += refuse_route(order.drug, order.drug_class or row.drug_class, order.route)
        found += r.refuse_order(state, row, order.drug, order.drug_class, order.planned_on, today)
        found += r.refuse_amount(order.amount, "amount")
        found += r.refuse_unit(counted, order.unit)
        found += s.refuse_ordered(counted, order.amount)
    r.refuse(found, waived, actor)
    written = tuple(
        add_dose(
            course, companion, machine, actor=actor, now=now, source=source,
            ordered_by=actor.get_username(), drug=order.drug.strip(), drug_class=order.drug_class,
            route=order.route, planned_on=order.planned_on, planned_day=order.planned_day,
            amount=order.amount, unit=order.unit,
            per_m2=counted.per_m2 if counted else None, remark=order.remark.strip(),
            reason=r.reasons_for(found, waived),
            **kept_of_amount(counted, s.refuse_ordered(counted, order.amount), waived),
        )
        for order, counted in zip(orders, sums, strict=True)
    )  # fmt: skip
    raise_version(course)
    return written


@transaction.atomic
def give_dose(
    *,
    dose_id: int,
    given: DoseGiven,
    actor: User,
    now: datetime,
    expected_version: int | None = None,
    source: str = "",
) -> Dose:
    """Record that an ordered dose was given; the first one begins its companion.

    Raises Refused with everything against it, NotAllowed, StaleVersion, Dose.DoesNotExist.
    """
    found = lock_dose(dose_id, actor, Permission.GIVE_DOSES, expected_version)
    dose, course, companion = found.dose, found.course, found.companion
    on = local_date(given.given_at, course.centre.zone)
    counted = found.counted(on)
    refusals = [
        *r.refuse_giving(found.state, companion, found.facts, given.given_at, now),
        *refuse_route(dose.drug, dose.drug_class or companion.drug_class, dose.route),
        *_against(found, found.facts, given, on, actor),
    ]
    order = order_following(companion, given.given_at, given.overrides, source=source)
    moving = against_following(found.state, companion, dose, order, actor, now)
    refusals += [*moving, *r.the_way_to_tell(companion, moving)]
    r.refuse(refusals, given.overrides, actor)
    standing = replace_dose(
        dose, "give", actor=actor, now=now,
        # The plan as it was: a later move of day 0 moves only what is still to be given.
        planned_on=found.facts.planned_on, given_at=given.given_at, given_on=on,
        given_amount=given.amount, given_by=actor.get_username(), verified_by=given.verified_by,
        deviation=given.said_of(refusals),
        amount_counted=counted.expected if counted else None,
        answers=answers_of(
            found.state, companion, dose, order, given.given_at, given.overrides
        ),
        remark=given.remark.strip() or dose.remark, source=source or dose.source,
    )  # fmt: skip
    follow_dose(course, companion, order, actor, now)
    keep_answers_at(found.state, companion, given, refusals, actor, now, source=source)
    tell_told(found.state, companion, standing, actor, now)
    tell_past_washout(found.state, standing, dose.drug_class or companion.drug_class, actor, now)
    if companion.machine == "lymphodepletion":
        date_depletion(standing, actor=actor, now=now)
    raise_version(course)
    return standing


@transaction.atomic
def withhold_dose(
    *,
    dose_id: int,
    reason: str,
    actor: User,
    now: datetime,
    expected_version: int | None = None,
    source: str = "",
) -> Dose:
    """Record that an ordered dose is not given, and why; raises as `give_dose` does."""
    found = lock_dose(dose_id, actor, Permission.GIVE_DOSES, expected_version)
    r.refuse([*r.refuse_settled(found.facts), *r.refuse_no_reason(reason)], {}, actor)
    standing = replace_dose(
        found.dose, "withhold", actor=actor, now=now,
        planned_on=found.facts.planned_on, not_given_reason=reason.strip(),
        source=source or found.dose.source,
    )  # fmt: skip
    raise_version(found.course)
    return standing


@transaction.atomic
def change_order(
    *,
    dose_id: int,
    reason: str,
    amount: Decimal | None,
    planned_on: date | None,
    delay_code: str = "",
    overrides: Mapping[str, str] | None = None,
    actor: User,
    now: datetime,
    expected_version: int | None = None,
    source: str = "",
) -> Dose:
    """Change amount or day of a dose not given yet; a day needs its own coded reason.

    `amount` and `planned_on` are as they shall stand, None to leave as they are.
    """
    found = lock_dose(dose_id, actor, Permission.ORDER_DOSES, expected_version)
    dose, facts = found.dose, found.facts
    moved = planned_on is not None and planned_on != facts.planned_on
    refusals = [
        *r.refuse_settled(facts),
        *r.refuse_no_reason(reason if moved or facts.amount is not None else "first amount"),
        *r.refuse_amount(amount, "amount"),
        *(r.refuse_delay(found.course, delay_code, needed=moved)),
    ]
    today = local_date(now, found.course.centre.zone)
    counted, waived = found.counted(today), overrides or {}
    amounts = s.refuse_ordered(counted, amount)
    refusals += amounts
    state, row = found.state, found.companion
    days = r.refuse_order(state, row, dose.drug, dose.drug_class, planned_on, today)
    days = days if moved else []
    r.refuse([*refusals, *days], waived, actor)
    why = (reason.strip(), r.reasons_for(days, waived))
    said = {} if amount is None else {"amount": amount, **kept_of_amount(counted, amounts, waived)}
    standing = replace_dose(
        dose, "change_order", actor=actor, now=now, reason="; ".join(filter(None, why)), **said,
        planned_on=planned_on if moved else dose.planned_on,
        delay_code=delay_code or dose.delay_code, ordered_by=actor.get_username(),
        source=source or dose.source,
    )  # fmt: skip
    raise_version(found.course)
    return standing


@transaction.atomic
def correct_dose(
    *,
    dose_id: int,
    given: DoseGiven | None,
    not_given_reason: str = "",
    reason: str,
    actor: User,
    now: datetime,
    expected_version: int | None = None,
) -> Dose:
    """Put right what was recorded of a dose: as given, or not given, or neither yet.

    The row that was wrong stays beside it. Raises as `give_dose` does.
    """
    found = lock_dose(dose_id, actor, Permission.ORDER_DOSES, expected_version)
    dose, order = found.dose, _begun_after_all(found, given)
    on = local_date(given.given_at, found.course.centre.zone) if given else None
    refusals = [
        *r.refuse_unsettled(found.facts),
        *r.refuse_no_reason(reason),
        *r.refuse_reopening(found.companion, given, not_given_reason),
        *against_following(found.state, found.companion, dose, order, actor, now),
    ]
    counted = found.counted(on) if on else None
    if given is not None and on is not None:
        refusals += _against_correction(found, given, on, actor, now)
    r.refuse(refusals, given.overrides if given else {}, actor)
    standing = replace_dose(
        dose, "correct", actor=actor, now=now, reason=reason.strip(),
        given_at=given.given_at if given else None, given_on=on,
        given_amount=given.amount if given else None,
        given_by=(dose.given_by or actor.get_username()) if given else "",
        verified_by=given.verified_by if given else "",
        deviation=given.said_of(refusals) if given else "",
        amount_counted=counted.expected if counted else dose.amount_counted,
        answers=_answers(found, order, given),
        not_given_reason="" if given else not_given_reason.strip(),
    )  # fmt: skip
    follow_dose(found.course, found.companion, order, actor, now)
    begin_and_stop(found.state, found.companion, standing, actor, now)
    if given is not None:
        keep_answers_at(found.state, found.companion, given, refusals, actor, now)
    _tell_corrected(found, standing, actor, now)
    if found.companion.machine == "lymphodepletion":
        date_depletion(standing, actor=actor, now=now)
    raise_version(found.course)
    return standing


def _tell_corrected(found: Found, standing: Dose, actor: User, now: datetime) -> None:
    """What was told of the dose as it was goes, and what it is now is told."""
    state, row = found.state, found.companion
    tell_still_begun(state, row, standing, actor, now)
    take_back(state, found.dose, actor, now)
    tell_told(state, row, standing, actor, now)
    tell_undone(state, row, standing, actor, now)
    tell_past_washout(state, standing, found.dose.drug_class or row.drug_class, actor, now)


def _begun_after_all(found: Found, given: DoseGiven | None) -> MoveOrder | None:
    """The move of a companion whose first dose was not given, and was given after all."""
    if given is None or found.facts.state is not DoseState.NOT_GIVEN:
        return None
    return order_following(found.companion, given.given_at, given.overrides, told_after=True)


def _answers(found: Found, order: MoveOrder | None, given: DoseGiven | None) -> list[Any]:
    """What a first dose was asked; it is kept as long as any dose stands that came after it."""
    others = any(one.given_on for one in found.companion.doses if one.pk != found.dose.pk)
    if given is None:
        return list(found.dose.answers) if others else []
    if found.facts.state is DoseState.GIVEN:
        why = given.overrides
        return answers_of_time(found.state, found.companion, found.dose, given.given_at, why)
    return answers_of(
        found.state, found.companion, found.dose, order, given.given_at, given.overrides
    )


def _against_correction(
    found: Found, given: DoseGiven, on: date, actor: User, now: datetime
) -> list[Refusal]:
    """Against what a correction says was given, whatever stood before it."""
    unsaid = replace(found.facts, given_on=None, given_amount=None)
    return [
        *r.refuse_moment(found.state, found.companion, given.given_at, now),
        *r.refuse_given_after_all(found.state, found.companion, found.facts, given.given_at),
        *retimed(found.state, found.companion, found.dose, given.given_at),
        *retimed_further(found.state, found.companion, found.dose, given.given_at),
        *_against(found, unsaid, given, on, actor),
    ]


def _against(
    found: Found, facts: DoseFacts, given: DoseGiven, on: date, actor: User
) -> list[Refusal]:
    """Against what was given: how much, on which day, and who looked at it."""
    return [
        *r.refuse_amount(given.amount, "amount"),
        *r.refuse_difference(facts, on, given.amount, given.deviation, given.overrides),
        *s.refuse_given(found.counted(on), facts, given.amount),
        *r.refuse_verifier(found.course, found.companion, facts, given.verified_by, actor),
    ]
