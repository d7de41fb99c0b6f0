"""What is suggested for the bridging of one course, from the latest result of the antigen."""

from dataclasses import dataclass

from django.utils.translation import get_language, gettext

from accounts.wording import day_text
from pathway.domain.suggesting import SUGGESTIONS, AntigenFinding, BridgingRules
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

    Two queries.
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
    """The latest result of an antigen: an entry of its own, or what a relapse says of its blasts.

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
    if not found:
        return AntigenFinding()
    on, _at, result = max(found, key=lambda one: (_last_day(one[0]), one[1]))
    return AntigenFinding(result, on)


def _last_day(on: str) -> str:
    return parse(on).latest().isoformat() if on else ""


def _day(on: str) -> str:
    known = parse(on) if on else None
    if known is None:
        return gettext("date not known")
    return day_text(known.earliest()) if known.precision == "day" else known.iso()
