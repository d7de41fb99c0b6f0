"""Whatever stands in a chart: scores answer, never from what cannot be read, never a false 0."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from patients.domain.lab_values import Reading
from tests.chart_results import RULES, UNITS, ZERO
from tests.domain.shipped import shipped_ranges
from toxicity.domain.chart_values import Result, Taken, take
from toxicity.domain.grading import Status
from toxicity.domain.iec_hs_results import screened
from toxicity.domain.scores import CourseKnown, InfectionKnown, State
from toxicity.scores.computing import Asked, scores_of
from toxicity.scores.shown import ends_words, views_of

days = st.integers(-40, 140).map(lambda day: ZERO + timedelta(days=day))
maybe = st.none() | days
numbers = st.decimals(Decimal(0), Decimal(3000), allow_nan=False, places=3)
odd = st.sampled_from([Decimal(-1), Decimal(10) ** 9])
UNREADABLE = st.sampled_from(["%", "{copies}/mL", "", "mmol/L"])


@st.composite
def result(draw: st.DrawFn) -> Result:
    analyte = draw(st.sampled_from(sorted(UNITS)))
    unit = draw(st.just(UNITS[analyte]) | UNREADABLE) if draw(st.booleans()) else UNITS[analyte]
    reading = Reading(
        draw(st.none() | numbers | odd),
        unit,
        draw(st.sampled_from(["", "", "", "<", ">"])),
        on=draw(maybe),
    )
    return Result(analyte, reading, pk=draw(st.integers(1, 99)))


@st.composite
def course(draw: st.DrawFn) -> CourseKnown:
    today = draw(st.integers(0, 130).map(lambda day: ZERO + timedelta(days=day)))
    later = st.none() | st.dates(ZERO, today)
    infection = st.builds(
        InfectionKnown, days, st.none() | st.booleans(), st.none() | st.integers(2, 5)
    )
    return CourseKnown(
        today=today,
        infused_on=draw(st.sampled_from([None, ZERO, ZERO])),
        depleted_on=draw(st.none() | st.just(date(2026, 10, 28))),
        died_on=draw(later),
        progressed_on=draw(later),
        next_therapy_on=draw(later),
        unclear=draw(st.sampled_from([(), ("progression",)])),
        growth_factors=tuple(draw(st.lists(days, max_size=2))),
        platelets=tuple(draw(st.lists(days, max_size=2))),
        immunoglobulins=tuple(draw(st.lists(days, max_size=1))),
        infections=tuple(draw(st.lists(infection, max_size=2))),
    )


@settings(max_examples=150, deadline=None)
@given(results=st.lists(result(), max_size=40), known=course())
def test_scores_of_any_chart(results: list[Result], known: CourseKnown) -> None:
    asked = Asked(tuple(results), known, RULES, shipped_ranges())
    listed = scores_of(asked)
    for one in listed:
        if one.score is None:
            continue
        assert all(isinstance(take(used.result), Taken) for used in one.score.used)
        for part in one.score.parts:
            assert (part.status is None) is (part.state in (State.FUTURE, State.ENDED))
            if part.grade is None:
                assert part.status in (None, Status.NOT_GRADEABLE) or part.figures
            if part.grade == 0:
                assert one.score.used
    assert views_of(asked, listed)
    assert len(ends_words(asked)) == 5
    screened(results, known, RULES.scores, asked.usuals(), 1)


@settings(max_examples=60, deadline=None)
@given(results=st.lists(result(), max_size=30), known=course())
def test_what_cannot_be_read_never_makes_an_early_grade_lower_or_final(
    results: list[Result], known: CourseKnown
) -> None:
    if known.infused_on is None or known.until < ZERO:
        return
    unread = Result("ANC", Reading(Decimal("0.2"), "%", on=ZERO), pk=100)
    asked = [Asked(tuple(rows), known, RULES, shipped_ranges())
             for rows in (results, [*results, unread])]  # fmt: skip
    before, after = (
        next(one.score for one in scores_of(a) if one.code == "icaht" and one.score) for a in asked
    )
    assert after.parts[0].status is not Status.FINAL
    assert after.parts[0].grade != 0
    if before.parts[0].grade:
        assert after.parts[0].grade == before.parts[0].grade
