"""Steps of a walk at the bedside: checks, what is given for toxicity, infections, counts."""

from abc import abstractmethod
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

from accounts.models import User
from config.demo_data.assessed import SYNTHETIC
from patients.models import Course
from patients.panels import record_panel
from toxicity.domain.crs import CrsSigns
from toxicity.domain.given import MASKING
from toxicity.domain.icans import IcansSigns, IceItems
from toxicity.domain.iec_hs import IecHsSigns
from toxicity.given_refusals import GivenDose, InfectionFacts
from toxicity.giving import give_treatment
from toxicity.infections import record_infection
from toxicity.recording import log_check
from toxicity.reviewing import review_grade
from toxicity.seen import Seen

_NO_FEVER, _FEVER = Decimal("36.7"), Decimal("38.6")
# Grade by grade, what an ICE score of that many points leaves out.
_ICE_OF_GRADE = {0: IceItems(1, 1, 1, 1, 1, 1, 1, 3), 1: IceItems(1, 1, 1, 1, 1, 1, 0, 2),
                 2: IceItems(1, 0, 1, 1, 1, 0, 0, 1)}  # fmt: skip


class BedsideSteps:
    """Steps that nurses and haematologists make beside the bed."""

    course: Course
    _now: datetime
    _hiding = False  # whether a drug was given that hides fever
    _grades: Mapping[str, int] = {}  # of the latest check, for who reviews them

    @abstractmethod
    def _happened(self) -> datetime: ...

    @abstractmethod
    def _actor(self, username: str) -> User: ...

    def seen(
        self, *, crs: int = 0, icans: int = 0, remark: str = "", source: str = SYNTHETIC
    ) -> Self:
        """A check of an alert patient without support; `crs` 1 is fever, `icans` 0 to 2 by ICE."""
        at = self._happened()
        signs = CrsSigns(
            temp_c=_FEVER if crs else _NO_FEVER,
            fever_other_cause=False,
            fever_masked=self._hiding,
            hypotension=False,
            vasopressors=frozenset(),
            o2_device="none",
        )
        icans_signs = IcansSigns(
            ice=_ICE_OF_GRADE[icans],
            arousal="spontaneous",
            seizure="none",
            deep_motor_weakness=False,
            icp="none",
        )
        self._log(Seen(observed_at=at, crs=signs, icans=icans_signs, remark=remark), source)
        return self

    def pressed(self, *, source: str = SYNTHETIC) -> Self:
        """A check of a drowsy patient with fever on a vasopressor: CRS 3, ICANS 3."""
        at = self._happened()
        signs = CrsSigns(
            temp_c=Decimal("39.1"),
            fever_other_cause=False,
            fever_masked=self._hiding,
            hypotension=True,
            vasopressors=frozenset({"norepinephrine"}),
            o2_device="nasal_cannula",
            o2_flow_lpm=Decimal(4),
        )
        icans = IcansSigns(
            ice=IceItems(0, 0, 0, 1, 1, 0, 0, 0),
            arousal="voice",
            seizure="none",
            deep_motor_weakness=False,
            icp="none",
        )
        self._log(Seen(observed_at=at, crs=signs, icans=icans), source)
        return self

    def baseline(self, sentence: str) -> Self:
        """The ICE score and a written sentence before the infusion."""
        at = self._happened()
        signs = IcansSigns(ice=_ICE_OF_GRADE[0], arousal="spontaneous")
        self._log(Seen(observed_at=at, icans=signs, baseline=True, handwriting=sentence), SYNTHETIC)
        return self

    def iec_hs(self, signs: IecHsSigns, remark: str, *, source: str) -> Self:
        """A haematologist confirms the hyperinflammatory syndrome."""
        seen = Seen(observed_at=self._happened(), iec_hs=signs, remark=remark)
        self._log(seen, source, by="physician")
        return self

    def agreed(self, scale: str) -> Self:
        """The haematologist confirms the latest grade of a scale."""
        self._happened()
        review_grade(
            grade_id=self._grades[scale],
            verdict="confirmed",
            actor=self._actor("physician"),
            now=self._now,
        )
        return self

    def treated(self, drug: str, purpose: str, mg: str = "", *, source: str, **more: Any) -> Self:
        """A dose; without `mg` nobody knows how much."""
        given = GivenDose(
            drug=drug,
            given_at=self._happened(),
            purpose=purpose,
            dose=Decimal(mg) if mg else None,
            unit="mg" if mg else "",
            route="iv",
            **more,
        )
        give_treatment(
            course_id=self.course.pk,
            given=given,
            confirmed=() if mg else ("dose_unknown",),
            actor=self._actor("nurse"),
            now=self._now,
            source=source,
        )
        self._hiding = self._hiding or drug in MASKING
        return self

    def infected(
        self, organism: str, site: str, began_on: date, ended_on: date, *, source: str
    ) -> Self:
        """An infection that is over."""
        self._happened()
        record_infection(
            course_id=self.course.pk,
            infection=InfectionFacts(
                began_on=began_on, ended_on=ended_on, organism=organism, site=site
            ),
            actor=self._actor("physician"),
            now=self._now,
            source=source,
        )
        return self

    def counted(
        self,
        values: Mapping[str, tuple[str, str]],
        *,
        on: date | None = None,
        source: str = SYNTHETIC,
    ) -> Self:
        """Laboratory values of the day, or of an earlier one: by analyte, value and unit."""
        on = on or self._happened().date()
        record_panel(
            course_id=self.course.pk,
            on=on.isoformat(),
            values=[
                {"analyte": code, "value": value, "unit": unit}
                for code, (value, unit) in values.items()
            ],
            actor=self._actor("nurse"),
            now=self._now,
            source=source,
        )
        return self

    def _log(self, seen: Seen, source: str, by: str = "nurse") -> None:
        logged = log_check(
            course_id=self.course.pk,
            seen=seen,
            actor=self._actor(by),
            now=self._now,
            source=source,
        )
        # By id: of a scale that was graded twice the latest one stays.
        rows = logged.assessment.grades.order_by("pk")
        self._grades = {row.scale: row.pk for row in rows}
