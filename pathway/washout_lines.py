"""An earlier line of treatment that is charted late: its washout is told like that of a dose."""

from pathway.loading import load_state
from pathway.washout_notices import Given, tell_washout_of
from patients.consequences import Happening
from patients.models import TherapyLine
from reminders.notices import withdraw_notices
from terms.partial_dates import parse

_KIND = "line"


def on_line_charted(happening: Happening) -> None:
    """Consequence of a line charted or put right: a collection inside its washout is told of."""
    kind, _colon, number = happening.cause.partition(":")
    if kind != _KIND:
        return
    course, actor, now = happening.course, happening.actor, happening.now
    withdraw_notices(course, cause=happening.cause, actor=actor, now=now)
    for line in TherapyLine.objects.filter(course=course, pk=number).exclude(drug_class=""):
        last = parse(line.on).latest() if line.on else None
        if last is not None:
            given = Given(_KIND, line.pk, last, line.drug_class, happening.cause)
            tell_washout_of(load_state(course), given, actor, now)
