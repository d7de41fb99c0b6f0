"""What came into the chart after a check: it speaks against it, or says nothing."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pathway.domain.assessments import Assessments, GateEntry
from pathway.domain.charted import ChartResult, InfectionSeen, read_charted
from pathway.domain.facts import CourseFacts
from pathway.domain.gate_rules import Gate
from pathway.domain.gates import CheckStanding, checklist, gate_passed
from patients.domain.lab_values import Reading
from protocol.domain.reading import ProtocolProblem, TableReader
from terms.refusals import Kind
from tests.domain.course_facts import CALM, CERTIFIED, CHECKS, DAY, ITEMS, NOON, companion, facts

HOUR, DAYS = timedelta(hours=1), timedelta(days=1)
# Every check was recorded at nine.
LATER, EARLIER = NOON, NOON - 6 * HOUR


def lab(
    analyte: str, value: str = "", *, on: date = DAY, at: datetime = LATER, **given: str
) -> ChartResult:
    """A result of the chart, written down after the checks unless said otherwise."""
    number = Decimal(value) if value else None
    return ChartResult(analyte, Reading(number, on=on, **given), on, at)


def infection(
    severity: int | None = 3,
    *,
    began: date = DAY,
    ended: date | None = None,
    at: datetime = LATER,
) -> InfectionSeen:
    """An infection on record."""
    return InfectionSeen(began, ended, severity, at)


def course(*results: ChartResult, infections: tuple[InfectionSeen, ...] = ()) -> CourseFacts:
    """A course with everything checked, and what came into its chart."""
    stored = companion("stored", papers=CERTIFIED)
    return facts(
        stage="lymphodepletion", products=(stored,), at=NOON + HOUR,
        assessments=Assessments(ITEMS, CHECKS, results=results),
        toxicity=replace(CALM, infections=infections),
    )  # fmt: skip


def standing(gate: str, code: str, seen: CourseFacts) -> CheckStanding:
    """How one check stands."""
    return next(found for found in checklist(Gate(gate), seen) if found.check.code == code)


@pytest.mark.parametrize(
    ("code", "result", "words"),
    [
        ("viral_pcr", lab("EBV", answer="positive"), "EBV PCR positive on 2026-11-12"),
        ("viral_pcr", lab("EBV", answer="positive", on=DAY - DAYS), "EBV PCR positive"),
        ("renal", lab("CREATININE", "459.68", unit="umol/L", typed="5.2 mg/dL"),
         "Creatinine 5.2 mg/dL on 2026-11-12"),
        ("renal", lab("CRCL", "30", unit="mL/min"), "Creatinine clearance 30 mL/min"),
        ("renal", lab("CRCL", "25", unit="mL/min", comparator="<"), "<25 mL/min"),
    ],
)  # fmt: skip
def test_a_result_outside_that_came_later_speaks_against_a_check(
    code: str, result: ChartResult, words: str
) -> None:
    found = standing("lymphodepletion", code, course(result))
    assert (found.status, found.passed) == ("chart", False)
    [refusal] = found.refusals
    assert (refusal.code, refusal.kind) == (f"chart_{code}", Kind.SOFT)
    assert refusal.who_may == ("haematologist",)
    assert words in str(refusal)
    assert refusal in gate_passed(Gate.LYMPHODEPLETION)(course(result))


@pytest.mark.parametrize(
    "results",
    [
        (),
        (lab("EBV", answer="negative"),),
        (lab("EBV", "50", unit="[IU]/mL"),),
        (lab("EBV", answer="positive", at=EARLIER),),
        (lab("EBV", answer="positive", on=DAY + DAYS),),
        (lab("EBV", answer="positive", on=DAY - 8 * DAYS),),
        (lab("EBV", answer="positive", on=DAY - DAYS), lab("EBV", answer="negative")),
        (lab("CREATININE", "90", unit="umol/L"), lab("CRCL", "30", unit="mL/min", comparator=">")),
        (lab("CRCL", "31", unit="mL/min"),),
    ],
)
def test_a_result_inside_earlier_too_old_or_of_a_later_day_says_nothing(
    results: tuple[ChartResult, ...],
) -> None:
    for code in ("viral_pcr", "renal"):
        assert standing("lymphodepletion", code, course(*results)).status == "met"


def test_an_unknown_analyte_is_called_by_its_code_and_what_is_not_met_stays_so() -> None:
    seen = course(lab("EBV", answer="positive"))
    gone = replace(seen.rules.ranges, by_code={})
    refused = standing(
        "lymphodepletion", "viral_pcr", replace(seen, rules=replace(seen.rules, ranges=gone))
    )
    assert "EBV positive" in str(refused.refusals[0])
    rows: tuple[GateEntry, ...] = tuple(
        replace(row, outcome="not_met") if row.check == "viral_pcr" else row for row in CHECKS
    )
    worse = replace(seen, assessments=Assessments(ITEMS, rows, results=seen.assessments.results))
    assert standing("lymphodepletion", "viral_pcr", worse).status == "not_met"


@pytest.mark.parametrize(
    ("found", "status"),
    [
        (infection(), "chart"),
        (infection(None), "chart"),
        (infection(ended=DAY + DAYS), "chart"),
        (infection(began=DAY - 3 * DAYS), "chart"),
        (infection(at=EARLIER), "met"),
        (infection(ended=DAY), "met"),
        (infection(began=DAY + DAYS), "met"),
    ],
)
def test_an_open_infection_that_came_later_stops_lymphodepletion_and_thaw(
    found: InfectionSeen, status: str
) -> None:
    seen = course(infections=(found,))
    assert standing("lymphodepletion", "infection", seen).status == status
    assert standing("infusion", "infection", seen).status == status
    refusals = gate_passed(Gate.INFUSION, before="thaw")(seen)
    assert ("chart_infection" in {one.code for one in refusals}) is (status == "chart")


def test_a_mild_infection_may_be_below_what_the_protocol_asks_about() -> None:
    check = course().rules.gates.check("infusion", "infection")
    assert check is not None
    assert check.charted is not None
    setting = check.charted.infections_from
    assert setting is not None
    assert len(check.charted.sources) == 6
    charted = replace(check.charted, infections_from=replace(setting, value=3))
    gates = replace(
        course().rules.gates,
        by_gate={gate: (replace(check, charted=charted),) for gate in Gate},
    )
    for severity, status in ((2, "met"), (3, "chart")):
        seen = course(infections=(infection(severity),))
        seen = replace(seen, rules=replace(seen.rules, gates=gates))
        assert standing("infusion", "infection", seen).status == status


def read(table: dict[str, Any]) -> tuple[Any, list[str]]:
    """What of the chart a table of the protocol names, and its faults."""
    problems: list[ProtocolProblem] = []
    found = read_charted(TableReader(table, "file.toml", "gates.x.y", problems))
    return found, [problem.dotted_key for problem in problems]


def test_what_a_check_is_compared_with_is_read_from_the_protocol() -> None:
    def of(value: Any) -> dict[str, Any]:
        return {"value": value, "source": "test", "confirmed": True}

    assert read({}) == (None, [])
    found, faults = read({"infections_from": of(2)})
    assert (faults, dict(found.limits), found.infections_from.value) == ([], {}, 2)
    found, faults = read(
        {
            "chart": {
                "WBC": {"at_least": of(1), "below": of(50)},
                "EBV": {"wanted": of("negative")},
            }
        }
    )
    assert (faults, sorted(found.limits), found.infections_from) == ([], ["EBV", "WBC"], None)
    white, virus = found.limits["WBC"], found.limits["EBV"]
    assert [white.is_against(Reading(Decimal(n))) for n in ("0.9", "1", "49", "50")] == [
        True, False, False, True,
    ]  # fmt: skip
    assert not virus.is_against(Reading(None))
    assert len(found.sources) == 3
    found, faults = read({"chart": {"WBC": {}}, "infections_from": of(9)})
    assert sorted(faults) == ["gates.x.y.chart.WBC", "gates.x.y.infections_from"]


def answered(seen: CourseFacts, code: str, at: datetime = LATER) -> CourseFacts:
    """The same course, with a haematologist's reason to what the chart says against a check."""
    reason = GateEntry(
        5000, "lymphodepletion", code, 1, "waived", "", at, at.date(), "physician", at, at.date(),
        "falling",
    )  # fmt: skip
    assessed = seen.assessments
    return replace(seen, assessments=replace(assessed, gates=(*assessed.gates, reason)))


POSITIVE = lab("EBV", answer="positive", at=LATER - HOUR)


@pytest.mark.parametrize(
    ("seen", "status", "remark"),
    [
        (answered(course(POSITIVE), "viral_pcr"), "waived", "falling"),
        (answered(course(POSITIVE), "viral_pcr", LATER - 2 * HOUR), "chart", ""),
        # Without anything in the chart an answer says nothing, and passes nothing of itself.
        (answered(course(), "viral_pcr"), "met", ""),
        (answered(course(POSITIVE, lab("EBV", answer="positive", at=LATER + HOUR)), "viral_pcr"),
         "chart", ""),
        (answered(course(POSITIVE, lab("CMV", answer="positive", at=LATER + HOUR)), "viral_pcr"),
         "chart", ""),
    ],
)  # fmt: skip
def test_an_answer_to_the_chart_holds_for_what_was_known(
    seen: CourseFacts, status: str, remark: str
) -> None:
    found = standing("lymphodepletion", "viral_pcr", seen)
    assert (found.status, found.remark) == (status, remark)
    assert found.passed is (status != "chart")


def test_an_answer_does_not_stand_for_the_check_itself() -> None:
    seen = answered(course(POSITIVE), "viral_pcr")
    rows = tuple(
        row for row in seen.assessments.gates if row.check != "viral_pcr" or row.pk == 5000
    )
    bare = replace(seen, assessments=replace(seen.assessments, gates=rows))
    assert standing("lymphodepletion", "viral_pcr", bare).status == "missing"
    grown_old = replace(seen, at=NOON + 30 * DAYS, on=DAY + 30 * DAYS)
    assert standing("lymphodepletion", "viral_pcr", grown_old).status == "stale"


def test_an_answer_hides_nothing_that_was_recorded_as_not_met_later() -> None:
    seen = answered(course(), "infection", LATER + 3 * HOUR)
    worse = replace(CHECKS[0], pk=4999, gate="lymphodepletion", check="infection", round=1,
                    outcome="not_met", value="", at=LATER + 2 * HOUR, on=DAY)  # fmt: skip
    assessed = replace(seen.assessments, gates=(*seen.assessments.gates, worse))
    codes = {
        one.code for one in gate_passed(Gate.LYMPHODEPLETION)(replace(seen, assessments=assessed))
    }
    assert codes == {"since_infection"}
