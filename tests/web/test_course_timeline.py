"""The timeline on the course page: parts, and routine answers folded without losing any."""

from datetime import date

from desk.course_timeline import stretches
from exports.timeline import TimelineRow

DAY = date(2026, 10, 18)


def entry(code: str, label: str = "x", on: date = DAY) -> TimelineRow:
    """An event between enrolment and infusion."""
    return TimelineRow(
        course="NORD-0001", seq=1, event_code=code, label=label, event_date=on.isoformat(),
        date_precision="day", rel_day_D0=-20, rel_day_enrolment=3, value="", unit="", source="",
        entered_by="physician", entered_at=None, sort_date=on,
    )  # fmt: skip


def test_many_results_of_a_day_are_one_row_that_holds_them_all() -> None:
    results = [entry("ELIGIBILITY_RESULT", f"Item {number}") for number in range(4)]
    [part] = stretches([entry("ENROL"), *results, entry("MEETING")])
    assert [row.label for row in part.rows] == ["x", "4 items resulted", "x"]
    folded = part.rows[1]
    assert [row.label for row in folded.folded] == [f"Item {number}" for number in range(4)]
    assert (folded.on, folded.recorded) == (part.rows[0].on, "")
    assert part.count == 6


def test_few_of_a_kind_another_day_and_what_is_not_met_stand_for_themselves() -> None:
    few = [entry("GATE_MET") for _number in range(3)]
    later = [entry("GATE_MET", on=date(2026, 10, 19)) for _number in range(3)]
    against = [entry("GATE_NOT_MET") for _number in range(9)]
    [part] = stretches([*few, *against, *later])
    assert len(part.rows) == part.count == 15
    [part] = stretches([*few, entry("GATE_MET")])
    assert [row.label for row in part.rows] == ["4 checks met"]
