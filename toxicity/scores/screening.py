"""The screen for IEC-HS where it finds something, for pages that show it beside other things."""

from datetime import date

from patients.domain.ranges import Ranges
from patients.models import Course
from protocol.selectors import settings_of
from toxicity.domain.iec_hs_results import ASKED
from toxicity.domain.rules import Mode, ToxicityRules
from toxicity.domain.scales import Scale
from toxicity.domain.scores import CourseKnown
from toxicity.flowsheet import Known
from toxicity.scores.computing import Asked, screen_of
from toxicity.scores.facts import results_of
from toxicity.scores.shown import ScreenView, screen_view


def suspicion(course: Course, known: Known, today: date) -> ScreenView | None:
    """What the laboratory says where its criteria are seen, in one query at most; else None."""
    settings = settings_of(course.protocol)
    rules = ToxicityRules.of(settings)
    if rules.mode(Scale.IEC_HS) is not Mode.COMPUTED or known.infused_on is None:
        return None
    course_known = CourseKnown(today, known.infused_on, died_on=known.died_on)
    results = results_of(course, ASKED)
    found = screen_of(Asked(results, course_known, rules, settings.section("ranges", Ranges)))
    return screen_view(found) if found is not None and found.suspected else None
