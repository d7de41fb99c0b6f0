"""The effect of moving a course to another version, in the reader's words; pages and API alike."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.wording import RefusalView, refusal_view
from pathway.checklists import EXPIRED as EXPIRED_WORD
from pathway.checklists import STATUS_WORDS
from pathway.domain.gate_rules import GATE_LABELS, Gate
from pathway.domain.spine import SPINE
from pathway.repinning import DueChange, Effect
from pathway.repinning_checks import EXPIRED, CheckChange
from pathway.wording import machine_name, stage_name, state_name
from protocol.models import Protocol
from reminders.selectors import label_of
from terms.words import Bilingual


@dataclass(frozen=True)
class Line:
    """One thing before and after; None where there is nothing."""

    what: str
    before: object
    after: object


@dataclass(frozen=True)
class RefusalLine:
    """A move that the new version would refuse."""

    move: str
    refusal: RefusalView


@dataclass(frozen=True)
class EffectView:
    """What would change, in words."""

    version: int
    code: str
    pk: int
    targets: tuple[Line, ...]
    due: tuple[Line, ...]
    checks: tuple[Line, ...]
    refused: tuple[RefusalLine, ...]
    refusals: tuple[RefusalView, ...]
    compared: bool = True

    @property
    def nothing(self) -> bool:
        """Whether nothing of what is shown would change."""
        changes = self.targets or self.due or self.checks or self.refused or self.refusals
        return self.compared and not changes


def shown(effect: Effect) -> EffectView:
    """`effect` in the active language."""
    language, target = get_language() or "en", effect.target
    return EffectView(
        version=target.version,
        code=target.code,
        pk=target.pk,
        compared=effect.compared,
        targets=tuple(Line(stage_name(t.stage), t.before, t.after) for t in effect.targets),
        due=tuple(
            Line(
                f"{_words(target, due).in_language(language)} {due.number}",
                due.before if isinstance(due.before, date) else None,
                due.after if isinstance(due.after, date) else None,
            )
            for due in effect.due
        ),
        checks=tuple(
            Line(_check(one, language), _standing(one.before), _standing(one.after))
            for one in effect.checks
        ),
        refused=tuple(
            RefusalLine(_move(one.machine, one.source, one.target), refusal_view(one.refusal))
            for one in effect.refused
        ),
        refusals=tuple(refusal_view(refusal) for refusal in effect.refusals),
    )


def _check(one: CheckChange, language: str) -> str:
    where = _(GATE_LABELS[Gate(one.gate)]) if one.gate else _("Eligibility review")
    return f"{where}: {one.label.in_language(language)}"


def _standing(state: str) -> str:
    """How an item or check stands, in words; empty where the version has none of it."""
    words = {**STATUS_WORDS, "": "", EXPIRED: EXPIRED_WORD}
    return _(words[state]) if words[state] else ""


def _move(machine: str, source: str, target: str) -> str:
    states = f"{state_name(machine, source)} → {state_name(machine, target)}"
    return states if machine == SPINE.name else f"{machine_name(machine)}: {states}"


def _words(target: Protocol, due: DueChange) -> Bilingual:
    """What there is to do on the date; its number is `<occurrence of its anchor>.<ordinal>`."""
    ordinal = int(due.number.rpartition(".")[2])
    return label_of(target, due.item, ordinal, doubtful=False)
