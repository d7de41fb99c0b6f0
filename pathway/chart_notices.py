"""Telling that what came into the chart speaks against a gate that was passed; wired in config."""

from pathway.domain.gate_rules import Gate
from pathway.domain.gates import checklist
from pathway.domain.spine import Stage
from pathway.gating import facts_before
from pathway.loading import load_state
from pathway.models import Journey
from patients.consequences import Happening
from patients.courses import raise_version
from reminders.notices import raise_notice
from terms.roles import Role

_GATES = (Gate.LYMPHODEPLETION, Gate.INFUSION)


def on_charted(happening: Happening) -> None:
    """Haematologists and the ward hear of it while the patient is being prepared, once for each."""
    course, now = happening.course, happening.now
    preparing = Journey.objects.filter(course=course, stage=Stage.LYMPHODEPLETION.value)
    if not preparing.exists():
        return
    state = load_state(course)
    for gate in _GATES:
        for standing in checklist(gate, facts_before(state, gate, now)):
            found = standing.against
            if found is None or found.at != now:
                continue
            raise_version(course)  # no reason typed on a page of before answers to this
            raise_notice(
                course=course,
                code="chart_otherwise",
                roles=(Role.HAEMATOLOGIST, Role.WARD_NURSE),
                params={"check": standing.check.label, "what": found.what, "on": found.on},
                about=f"{gate.value}:{standing.check.code}",
                cause=happening.cause,
                actor=happening.actor,
                now=now,
            )
