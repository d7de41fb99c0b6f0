"""What makes grades and episodes count anew though no check changed; see config/wiring.py."""

from patients.consequences import Happening
from patients.models.courses import AnchorKind
from toxicity.checks import infusion_day
from toxicity.escalating import escalate
from toxicity.models import Assessment, Treatment
from toxicity.regrading import regrade


def on_given(happening: Happening) -> None:
    """A drug that hides fever was recorded, corrected or taken back: what it hid is graded."""
    kind, _colon, pk = happening.cause.partition(":")
    if kind != "treatment":
        return
    row = Treatment.objects.select_related("replaces").get(pk=int(pk))
    stood = row.replaces
    if row.hides or (stood is not None and stood.hides):
        _count(happening)


def on_day_zero(happening: Happening) -> None:
    """The day of the infusion is another one, or none: episodes begin with it."""
    if happening.cause not in ("", AnchorKind.INFUSION):
        return
    if Assessment.objects.filter(course=happening.course).exists():
        _count(happening)


def _count(happening: Happening) -> None:
    course, actor, now = happening.course, happening.actor, happening.now
    cause = happening.cause or happening.event.value
    graded = regrade(course, infusion_day(course), actor=actor, now=now, because=cause)
    escalate(course, graded, actor=actor, now=now)
