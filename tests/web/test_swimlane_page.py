"""The timeline drawn in lanes: what is drawn until when, what is chosen, who sees what."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.wording import day_text
from audit.models import AuditEvent
from desk.swimlane import WIDTH, Choice, SwimlanePage, swimlane_page
from exports.domain.swimlanes import Lane
from exports.timeline import TimelineRow
from patients.models import Course
from tests.conftest import UserWith
from tests.walking import DAY_ZERO, Walk
from tests.web.test_timeline_csv import signed_in

TODAY = DAY_ZERO + timedelta(days=60)


def row(code: str, day: int | None, label: str = "", value: str = "") -> TimelineRow:
    """An event so many days after day 0; None for one known to the month."""
    on = DAY_ZERO + timedelta(days=day or 0)
    precision, text = ("day", on.isoformat()) if day is not None else ("month", "2026-01")
    return TimelineRow(
        course="NIG-0001", seq=1, event_code=code, label=label or code, event_date=text,
        date_precision=precision, rel_day_D0=day, rel_day_enrolment=None, value=value, unit="",
        source="", entered_by="", entered_at=None, sort_date=on,
    )  # fmt: skip


HISTORY = [
    row("ENROL", -40), row("STAGE_ELIGIBILITY", -40), row("STAGE_INFUSION", 0), row("INFUSION", 0),
    row("CRS", 2, "CRS begins, highest grade", "1"), row("CRS_END", 6),
    row("LAB", 3, "Laboratory value: CRP", "12"), row("DX", None),
]  # fmt: skip


def page_of(rows: list[TimelineRow], choice: Choice | None = None) -> SwimlanePage:
    """The page of these rows."""
    return swimlane_page(rows, choice or Choice(), TODAY)


def test_the_drawing_goes_from_enrolment_to_today() -> None:
    page = page_of(HISTORY)
    assert (page.first, page.last) == (DAY_ZERO - timedelta(days=40), TODAY)
    lanes = {lane.key: lane for lane in page.lanes}
    referred, infused = lanes["journey"].bars
    assert (referred.x, infused.kind) == (0, "ongoing")
    assert infused.x + infused.width == WIDTH
    assert page.zero == infused.x
    [crs] = lanes["toxicity"].bars
    assert crs.title.startswith("CRS begins, highest grade 1: ")
    last = day_text(DAY_ZERO + timedelta(days=5))  # the day before the first one without signs
    assert crs.title.endswith(last)
    assert lanes["other"].undated == 1
    assert lanes["other"].height == 0
    assert not lanes["results"].open


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [("whole", -40, 60), ("before", -40, 0), ("acute", 0, 30), ("later", 30, 60)],
)
def test_a_period_is_drawn_alone(period: str, first: int, last: int) -> None:
    page = page_of(HISTORY, Choice(period=period))
    assert [(day - DAY_ZERO).days for day in (page.first, page.last)] == [first, last]
    drawn = [bar for lane in page.lanes for bar in lane.bars]
    assert all(0 <= bar.x <= WIDTH and bar.x + bar.width <= WIDTH + 3 for bar in drawn)
    assert (page.zero is None) == (period == "later")


def test_a_course_that_ended_is_drawn_until_its_end() -> None:
    rows = [*HISTORY, row("DEATH", 20)]
    assert page_of(rows).last == DAY_ZERO + timedelta(days=20)
    assert page_of([*HISTORY, row("EXIT_LOST", None)]).last == TODAY
    resumed = [*HISTORY, row("EXIT_LOST", 20), row("STAGE_FOLLOW_UP", 25)]
    assert page_of(resumed).last == TODAY


def test_without_day_zero_the_axis_has_dates_and_without_anything_one_day() -> None:
    page = page_of([row("STAGE_REFERRAL", -3)], Choice(period="acute"))
    assert (page.zero, page.first) == (None, DAY_ZERO - timedelta(days=3))
    assert "2026" in page.ticks[0].text
    assert page_of([]).first == TODAY
    assert page_of([]).lanes == ()


@pytest.mark.parametrize("axis", ["days", "dates"])
@pytest.mark.parametrize("years", [0, 1, 15, 40])
def test_ticks_stay_apart_however_long_it_took(axis: str, years: int) -> None:
    rows = [row("ENROL", -365 * years), row("INFUSION", 0)]
    ticks = page_of(rows, Choice(axis=axis)).ticks
    assert 1 <= len(ticks) <= 12
    xs = [tick.x for tick in ticks]
    assert xs == sorted(set(xs))


def test_lanes_are_chosen_and_what_cannot_be_read_is_the_usual(
    client: Client, coordinator: User, course: Course
) -> None:
    browser = signed_in(coordinator)
    url = reverse("swimlane", kwargs={"pk": course.pk})
    seen = browser.get(url).content.decode()
    assert 'data-lane="journey"' in seen
    assert AuditEvent.objects.filter(action="chart.read", course_id=course.pk).exists()
    chosen = browser.get(url, {"lane": ["results", "nonsense"], "axis": "x", "period": "y"})
    assert 'data-lane="journey"' not in chosen.content.decode()
    assert chosen.context["choice"] == Choice(shown=frozenset({Lane.RESULTS}))
    assert "Nothing is recorded yet." in chosen.content.decode()


@pytest.mark.walked("to_follow_up")
def test_nobody_is_named_to_who_may_not_see_names(walk: Walk, user_with: UserWith) -> None:
    url = reverse("swimlane", kwargs={"pk": walk.course.pk})
    text = signed_in(user_with("data_manager")).get(url).content.decode()
    assert walk.course.code in text
    assert walk.course.patient.family_name not in text
