"""The walk through the checks of a course in the order of time: their grades, and its episodes."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from terms.day_numbers import local_date
from terms.words import N_
from toxicity.checks import Check, ScaleGrade
from toxicity.domain.crs import grade_crs, is_fever
from toxicity.domain.episodes import Episodes, Graded, Run
from toxicity.domain.grading import Grading, Status, Warning
from toxicity.domain.icans import grade_icans
from toxicity.domain.iec_hs import grade_iec_hs
from toxicity.domain.late_onset import LATE_ONSET, late_onset
from toxicity.domain.rules import Mode, ToxicityRules
from toxicity.domain.scales import Origin, Scale, Verdict
from toxicity.domain.signs import crs_signs, icans_signs, iec_hs_signs
from toxicity.seen import CHOSEN

RECORDED = "recorded"  # the rule version of a grade that nobody computed


@dataclass(frozen=True)
class Reached:
    """How far a walk has come: all that it needs to know of the checks it has taken."""

    at: datetime | None = None  # the last check
    runs: Mapping[str, tuple[Run, ...]] = field(default_factory=dict)
    before: Mapping[str, int] = field(default_factory=dict)  # the last grade of each scale
    crs_at: datetime | None = None  # the last check of CRS
    began_after: datetime | None = None  # the open episode of CRS
    hidden_at: datetime | None = None  # when a check of it said that a drug hides the fever
    # When the signs of what is open were stored: nobody who spoke before saw them.
    stored: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Regraded:
    """A grade that is new: its check, what stood before it in time, and before this change."""

    check: Check
    grade: ScaleGrade
    before: int | None
    stood: ScaleGrade | None


@dataclass(frozen=True)
class Step:
    """A grade that stands after the walk, with the one before it in time."""

    check: Check
    grade: ScaleGrade
    before: int | None


class Walk:
    """Takes the checks of a course; collects the grades that are new, or say something else beside.

    Of what is `reworded` the grade stands as it is, with other warnings: nobody is told again.
    """

    def __init__(
        self,
        zone: ZoneInfo,
        rules: ToxicityRules,
        infused_on: date | None,
        masking: Sequence[datetime],
        reached: Reached | None = None,
    ) -> None:
        """`masking`: when drugs that hide fever were given; `reached`: from where it goes on."""
        reached = reached or Reached()
        self._zone = zone
        self._rules = rules
        self._infused_on = infused_on
        self._masking = masking
        self._free = timedelta(hours=rules.free_hours.value)
        self.episodes: Mapping[str, Episodes] = {
            scale: Episodes(self._free, reached.runs.get(scale, ())) for scale in Scale
        }
        self._at = reached.at
        self._before = dict(reached.before)
        self._crs_at = reached.crs_at
        self._began_after = reached.began_after
        self._hidden_at = reached.hidden_at
        self._stored = dict(reached.stored)
        self.found: list[Regraded] = []
        self.reworded: list[Regraded] = []
        self.steps: list[Step] = []

    @property
    def reached(self) -> Reached:
        """How far it has come."""
        runs = {scale: episodes.runs for scale, episodes in self.episodes.items() if episodes.runs}
        return Reached(
            self._at, runs, self._before, self._crs_at, self._began_after, self._hidden_at,
            self._stored,
        )  # fmt: skip

    def take(self, check: Check) -> None:
        """Grade the next check and take it into its episodes."""
        assessment = check.assessment
        self._at = check.at
        on = local_date(check.at, self._zone)
        counted = self._infused_on is not None and on >= self._infused_on
        for scale in Scale:
            said = assessment.signs.get(scale)
            chosen = assessment.signs.get(CHOSEN, {})
            # A baseline that turns out to lie after the infusion is a check like any other.
            before = assessment.baseline and not (counted and on != self._infused_on)
            if before or (said is None and scale not in chosen):
                continue
            stands = check.grades.get(scale)
            if stands is None or (stands.origin is Origin.COMPUTED and scale is Scale.CRS):
                stands = self._graded(check, scale, said or {}, chosen, stands)
            else:
                stands = self._dated(check, scale, stands)
            self.steps.append(Step(check, stands, self._before.get(scale)))
            if counted:
                self._take_into(check, scale, said or {}, stands)
            if stands.grade is not None:
                self._before[scale] = stands.grade

    def _take_into(
        self, check: Check, scale: Scale, said: Mapping[str, Any], stands: ScaleGrade
    ) -> None:
        episodes = self.episodes[scale]
        episodes.take(self._taken(check, scale, said, stands))
        run = episodes.open
        if run is not None and run.last_at == check.at:
            first = run.onset_at == check.at
            if first:
                self._stored.pop(scale, None)
            received_at = check.assessment.received_at
            if received_at is not None:  # one that is only foreseen was not stored
                self._stored[scale] = max(received_at, self._stored.get(scale, received_at))
            if first and scale is Scale.CRS:
                self._began_after = self._crs_at or check.at.astimezone(UTC) - self._free
        if scale is Scale.CRS:
            self._crs_at = check.at
            self._hide(check, said)

    def _hide(self, check: Check, said: Mapping[str, Any]) -> None:
        """Keep whether a check of the open episode said that a drug hides the fever."""
        run = self.episodes[Scale.CRS].open
        if run is None or run.onset_at == check.at:
            self._hidden_at = None
        if run is not None and crs_signs(said).fever_masked:
            self._hidden_at = check.at

    def _graded(
        self,
        check: Check,
        scale: Scale,
        said: Mapping[str, Any],
        chosen: Mapping[str, int | None],
        stands: ScaleGrade | None,
    ) -> ScaleGrade:
        if stands is None and self._rules.mode(scale) is not Mode.COMPUTED:
            grading, origin = _recorded(chosen.get(scale)), Origin.RECORDED
        else:
            grading, origin = self._computed(scale, said, check.at), Origin.COMPUTED
        late = self._late(check, scale, grading.grade)
        fresh = _shown(scale, replace(grading, warnings=(*grading.warnings, *late)), origin)
        if stands is not None and _says(stands) == _says(fresh):
            return self._warned(check, scale, stands, fresh.warnings)
        self.found.append(Regraded(check, fresh, self._before.get(scale), stands))
        return fresh

    def _dated(self, check: Check, scale: Scale, stands: ScaleGrade) -> ScaleGrade:
        """With the warning of a late onset as it is now."""
        late = [_kept(one) for one in self._late(check, scale, stands.found)]
        rest = [one for one in stands.warnings if one["code"] != LATE_ONSET]
        return self._warned(check, scale, stands, [*rest, *late])

    def _warned(
        self,
        check: Check,
        scale: Scale,
        stands: ScaleGrade,
        warnings: Sequence[Mapping[str, Any]],
    ) -> ScaleGrade:
        """What stands with the warnings as they are now, where no clinician has spoken yet."""
        if stands.review is not None or [*warnings] == [*stands.warnings]:
            return stands
        fresh = replace(stands, warnings=[*warnings])
        self.reworded.append(Regraded(check, fresh, self._before.get(scale), stands))
        return fresh

    def _late(self, check: Check, scale: Scale, grade: int | None) -> tuple[Warning, ...]:
        return late_onset(self._day(check.at), self._usual(scale), grade)

    def _day(self, at: datetime) -> int | None:
        on = local_date(at, self._zone)
        return None if self._infused_on is None else (on - self._infused_on).days

    def _usual(self, scale: Scale) -> int | None:
        """The last usual day of a first onset; None where there was one, or no such day is kept."""
        usual = self._rules.usual_onset_days.get(scale)
        return None if usual is None or self.episodes[scale].runs else usual.value

    def _computed(self, scale: Scale, said: Mapping[str, Any], at: datetime) -> Grading:
        if scale is Scale.CRS:
            signs, run = crs_signs(said), self.episodes[scale].open
            established = signs.crs_established or run is not None
            masked = True if self._masked(at) else signs.fever_masked
            denied = masked is False and self._said_hidden
            signs = replace(signs, crs_established=established)
            graded = grade_crs(replace(signs, fever_masked=None if denied else masked))
            return _contradicted(graded) if denied else graded
        if scale is Scale.ICANS:
            return grade_icans(icans_signs(said))
        found = grade_iec_hs(iec_hs_signs(said), needed=self._rules.iec_hs_limbs.value)
        return found.grading

    def _masked(self, at: datetime) -> bool:
        """Whether a drug that hides fever was given since the onset of what is open.

        The onset lies between the check that found it and the one before: a drug given in between
        counts. Before the first check it counts from so long before as parts two episodes.
        """
        if self.episodes[Scale.CRS].open is None or self._began_after is None:
            return False
        return any(self._began_after <= given <= at for given in self._masking)

    @property
    def _said_hidden(self) -> bool:
        """Whether an earlier check of what is open said that a drug hides the fever.

        What was given since the onset stays given: who denies it later contradicts that check.
        """
        return self._hidden_at is not None and self.episodes[Scale.CRS].open is not None

    def _taken(
        self, check: Check, scale: Scale, said: Mapping[str, Any], stands: ScaleGrade
    ) -> Graded:
        fever = masked = False
        if scale is Scale.CRS:  # also where a grade was picked and no sign said
            signs = crs_signs(said)
            hot = signs.temp_c is not None and is_fever(signs.temp_c)
            fever = (hot and not signs.fever_other_cause) or signs.crs_established
            # Nobody said that no drug hides it: then a clinician says that it is over.
            masked = signs.fever_masked is not False or self._masked(check.at) or self._said_hidden
        said_at = self._stored.get(scale)
        word = stands.review
        over = word is not None and word.verdict is Verdict.CONFIRMED
        # Whoever spoke before the signs were stored did not say that they are over.
        over = over and not (word is not None and said_at is not None and word.at < said_at)
        over = over or (scale is Scale.IEC_HS and bool(said.get("over")))
        return Graded(check.at, stands.grade, masked=masked, confirmed=over, fever=fever)


def _contradicted(found: Grading) -> Grading:
    """Where it counts whether a drug hides the fever, say that two checks differ about it."""
    message = N_(
        "An earlier check of this CRS says that a drug hides the fever, and this one denies it: "
        "put right which is wrong. Until then CRS is taken to go on."
    )
    said = Warning("masking_contradicted", message)
    warnings = tuple(said if one.code == "masking_needed" else one for one in found.warnings)
    return replace(found, warnings=warnings)


def _recorded(chosen: int | None) -> Grading:
    return Grading(chosen, Status.NOT_GRADEABLE if chosen is None else Status.FINAL, RECORDED)


def _shown(scale: Scale, grading: Grading, origin: Origin) -> ScaleGrade:
    return ScaleGrade(
        0,
        scale,
        grading.grade,
        grading.status,
        origin,
        [asdict(driver) for driver in grading.drivers],
        [_kept(one) for one in grading.warnings],
        grading.rule_version,
    )


def _kept(warning: Warning) -> dict[str, Any]:
    return {**asdict(warning), "params": dict(warning.params)}


def _says(grade: ScaleGrade) -> tuple[Any, ...]:
    """What makes it another grade. A warning that came or went does not: a word on it stands."""
    return grade.found, str(grade.status), [*map(dict, grade.drivers)], grade.rule_version
