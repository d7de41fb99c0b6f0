"""Where a form of the bedside stands: the course, the clock, the centre's rules, the patient."""

from dataclasses import dataclass
from datetime import date, datetime

from patients.models import Course
from protocol.selectors import settings_of
from terms.day_numbers import local_date, whole_years_between
from toxicity.checks import infusion_day
from toxicity.domain.icans import CHILD_BELOW_YEARS
from toxicity.domain.rules import Mode, ToxicityRules
from toxicity.domain.scales import Scale

BESIDE = (Scale.CRS, Scale.ICANS)  # what the form of the bedside asks for


@dataclass(frozen=True)
class Setting:
    """What a form of the bedside has to know before it is drawn. `baseline`: before infusion."""

    course: Course
    now: datetime
    today: date
    rules: ToxicityRules
    baseline: bool

    @classmethod
    def of(cls, course: Course, *, now: datetime, baseline: bool) -> "Setting":
        """Of a course now."""
        rules = ToxicityRules.of(settings_of(course.protocol))
        return cls(course, now, local_date(now, course.centre.zone), rules, baseline)

    @property
    def computed(self) -> tuple[Scale, ...]:
        """The scales of the form that the centre has computed."""
        if self.baseline:
            return ()
        return tuple(scale for scale in BESIDE if self.rules.mode(scale) is Mode.COMPUTED)

    @property
    def picked(self) -> tuple[Scale, ...]:
        """The scales of the form whose grade is picked beside the published table."""
        return () if self.baseline else tuple(s for s in BESIDE if s not in self.computed)

    @property
    def child(self) -> bool:
        """Whether CAPD takes the place of ICE."""
        age = whole_years_between(self.course.patient.birth_date, self.today)
        return age < CHILD_BELOW_YEARS

    @property
    def may_be_baseline(self) -> bool:
        """Whether today is still a day for the baseline, and it is not what is shown."""
        return not self.baseline and infusion_day(self.course) == self.today
