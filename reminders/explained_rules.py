"""The rule of a schedule item in a few lines, for whoever runs the site: codes and sources."""

from collections.abc import Iterator
from typing import Any

from protocol.domain.reading import Setting
from reminders.domain.items import Kind, ScheduleItem, Trigger
from reminders.domain.levels import Level, Span


def rule_of(item: ScheduleItem | None, *, unsure: bool) -> Iterator[str]:
    """When it comes, on what that depends and what ends it. `unsure`: that is not recorded."""
    if item is None:
        yield "  rule: not in this version of the protocol"
        return
    yield f"  rule: {', '.join(_when(item))}"
    if item.repeats_from is not None and item.from_last_done:
        why = _sourced(item.repeats_from)
        yield f"  each as long after the day on which the last one was done: {why}"
    if item.only_if is not None:
        known = ", which is not recorded" if unsure else ""
        yield f"  only if {item.only_if.value}{known}"
    yield from _ending(item)
    if item.for_life is not None and item.for_life.value:
        yield f"  for life, after the follow-up is completed too: {_sourced(item.for_life)}"
    if item.outpatient is not None and item.outpatient.value:
        yield "  not on days in hospital"
    if item.after_icans is not None:
        yield f"  not before {_span(item.after_icans)} after neurotoxicity"
    if item.answered_by is not None:
        yield f"  done by a result in its window: {', '.join(item.answered_by.value)}"
    yield f"  source: {_sourced(item.first_offset)}"


def _when(item: ScheduleItem) -> Iterator[str]:
    if item.low is not None:
        yield f"when {item.low.analyte.value} is below {item.low.below.value}"
    if item.trigger is Trigger.DEATH:
        yield "when the patient has died"
    yield f"first after {_span(item.first_offset)}"
    for further in item.further:
        yield f"then after {_span(further)}"
    for phase in item.phases:
        yield f"then every {_span(phase.every)} until {_span(phase.until)}"
    if item.review is not None and item.kind is Kind.TRIGGERED:
        yield f"again every {_span(item.review)} while it is"


def _ending(item: ScheduleItem) -> Iterator[str]:
    if item.ends is not None:
        start = "" if item.ends_from is None else f" counted from {item.ends_from.value}"
        again = "" if item.review is None else f", looked at again every {_span(item.review)}"
        yield f"  may end after {_span(item.ends)}{start}{again}"
    if item.stops:
        thinned = "" if item.then_every is None else f", then every {_span(item.then_every)}"
        kept = "" if item.kept_until is None else f", not before {_span(item.kept_until)}"
        yield f"  stops with {' and '.join(map(_level, item.stops))}{kept}{thinned}"
    for bound in item.not_after:
        yield f"  none later than {_span(bound.offset)} after {bound.anchor.value}"


def _level(level: Level) -> str:
    sides = [level.analyte.value]
    if level.above is not None:
        sides.append(f"above {level.above.value}")
    if level.below is not None:
        sides.append(f"below {level.below.value}")
    if level.negative is not None:
        sides.append("negative" if level.negative.value else "not negative")
    return f"{' '.join(sides)} in {level.samples.value} samples"


def _sourced(setting: Setting[Any]) -> str:
    return f"{setting.source} ({'confirmed' if setting.confirmed else 'not confirmed'})"


def _span(span: Setting[Span]) -> str:
    return f"{span.value.count} {span.value.unit.value}"
