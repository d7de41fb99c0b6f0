"""Items, meetings and gate checks of the demo's courses: the part of a walk that assesses."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Self

from accounts.models import User
from config.demo_data.passing import check_notes, item_notes, recorders
from pathway.assessing import ItemNote, record_items
from pathway.domain.gate_rules import Gate
from pathway.domain.rules import PathwayRules
from pathway.gating import record_checks
from pathway.meeting import Minutes, record_meeting
from patients.models import Course
from protocol.selectors import settings_of

# Where a fact comes from. Calendar dates are all shifted: PAPER says that the fact and the interval
# it bounds are the paper's, UNDATED that the fact is but its day is not, SYNTHETIC that neither is.
PAPER, UNDATED, SYNTHETIC = "case series", "case series, day synthetic", "synthetic"

NOT_STATED = "Not stated in the case series."
_RECORDERS = {"haematologist": "physician", "apheresis_nurse": "apheresis"}


class Assessed:
    """What a walk records besides its moves; the walk itself keeps the clock and the people."""

    course: Course
    _now: datetime

    def _happened(self) -> datetime:
        raise NotImplementedError

    def _actor(self, username: str) -> User:
        raise NotImplementedError

    @property
    def _today(self) -> date:
        raise NotImplementedError

    def assessed(
        self, given: Mapping[str, str], unknown: Sequence[str] = (), *, source: str = SYNTHETIC
    ) -> Self:
        """A result for every eligibility item; those of `given` have `source`, others invented.

        Items of `unknown`, which the case series does not state, are waived, never made up.
        """
        self._happened()
        items = PathwayRules.of(settings_of(self.course.protocol)).items
        notes = item_notes(items, given)
        told = [note for note in notes if note.item in given]
        waived = [
            ItemNote(item, "waived", reason=NOT_STATED)
            for item in unknown
            if items.by_code[item].mandatory.value
        ]
        rest = [note for note in notes if note.item not in given and note.item not in unknown]
        for batch, origin in ((told, source), (rest + waived, SYNTHETIC)):
            if batch:
                record_items(
                    course_id=self.course.pk,
                    notes=batch,
                    actor=self._actor("physician"),
                    now=self._now,
                    source=origin,
                )
        return self

    def met(self, vote: str, reason: str = "") -> Self:
        """The meeting today, its minutes signed."""
        self._happened()
        record_meeting(
            course_id=self.course.pk,
            minutes=Minutes(
                held_on=self._today,
                participants="Ematologia, aferesi, laboratorio cellulare, coordinamento (demo)",
                minutes="Caso discusso in riunione multidisciplinare (demo).",
                vote=vote,
                in_favour=5,
                reason=reason,
            ),
            sign=True,
            actor=self._actor("physician"),
            now=self._now,
            source=SYNTHETIC,
        )
        return self

    def through(
        self, gate: Gate, given: Mapping[str, str] | None = None, *, source: str = SYNTHETIC
    ) -> Self:
        """Every recorded check of a gate met; those of `given` have `source`, others invented."""
        self._happened()
        gates = PathwayRules.of(settings_of(self.course.protocol)).gates
        told = given or {}
        for role in recorders(gates, gate):
            notes = check_notes(gates, gate, role)
            known = [replace(note, value=told[note.check]) for note in notes if note.check in told]
            rest = [note for note in notes if note.check not in told]
            for batch, origin in ((known, source), (rest, SYNTHETIC)):
                if batch:
                    record_checks(
                        course_id=self.course.pk,
                        gate=gate,
                        notes=batch,
                        actor=self._actor(_RECORDERS[role]),
                        now=self._now,
                        source=origin,
                    )
        return self
