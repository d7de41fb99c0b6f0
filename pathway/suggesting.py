"""What is suggested for the bridging of one course, from the latest result of the antigen."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language, gettext

from accounts.wording import day_text
from pathway.domain.assessments import ItemStep
from pathway.domain.suggesting import SUGGESTIONS, AntigenFinding, BridgingRules
from pathway.models import EligibilityEntry
from patients.first_recorded import first_recorded
from patients.models import Antigen, Course, Relapse
from protocol.selectors import settings_of
from terms.partial_dates import parse

_TESTED = ("positive", "dim", "negative")


@dataclass(frozen=True)
class Suggestion:
    """The finding and the sentence about it; the drug only where it is suggested."""

    antigen: str
    finding: AntigenFinding
    drug: str
    text: str


def bridging_suggestion(course: Course) -> Suggestion | None:
    """What the course's protocol suggests, None where it suggests nothing at all.

    Three queries.
    """
    rules = settings_of(course.protocol).section("bridging", BridgingRules)
    if rules.antigen is None or rules.drug is None:
        return None
    antigen, finding = rules.antigen.value, latest_finding(course, rules.antigen.value)
    drug = rules.drug.in_language(get_language() or "en")
    text = gettext(SUGGESTIONS[finding.result]) % {
        "antigen": antigen,
        "on": _day(finding.on),
        "drug": drug,
    }
    return Suggestion(antigen, finding, drug if finding.result == "positive" else "", text)


def latest_finding(course: Course, antigen: str) -> AntigenFinding:
    """The latest result of an antigen: an entry of its own, of a relapse, or of the review.

    What has no date is older than everything dated; of one day the one entered last counts,
    which a correction does not change.
    """
    found = [
        (on, at, "positive" if positive else "negative")
        for on, at, positive in Antigen.objects.filter(course=course, antigen=antigen).values_list(
            "on", first_recorded("antigen"), "positive"
        )
    ]
    column = antigen.lower()
    tested = Relapse.objects.filter(course=course, **{f"{column}__in": _TESTED})
    found += tested.values_list("on", first_recorded("relapse"), column)
    found += _reviewed(course, antigen)
    if not found:
        return AntigenFinding()
    on, _at, result = max(found, key=lambda one: (_last_day(one[0]), one[1]))
    return AntigenFinding(result, on)


def _reviewed(course: Course, antigen: str) -> list[tuple[str, datetime, str]]:
    """What stands of the results of the review's item that bears the antigen's name."""
    rows = EligibilityEntry.objects.filter(course=course, item=antigen).order_by("pk")
    first: dict[int | None, datetime] = {}
    standing: dict[int | None, tuple[str, datetime, str]] = {}
    for row in rows:
        first[row.pk] = first.get(row.replaces_id, row.recorded_at)
        standing.pop(row.replaces_id, None)
        if row.step == ItemStep.RESULTED and row.value in _TESTED:
            standing[row.pk] = (row.on.isoformat(), first[row.pk], row.value)
    return list(standing.values())


def _last_day(on: str) -> str:
    return parse(on).latest().isoformat() if on else ""


def _day(on: str) -> str:
    known = parse(on) if on else None
    if known is None:
        return gettext("date not known")
    return day_text(known.earliest()) if known.precision == "day" else known.iso()
