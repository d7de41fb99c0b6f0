"""A first onset later than usual."""

import pytest

from toxicity.domain.late_onset import late_onset


@pytest.mark.parametrize(
    ("day", "usual", "grade", "warned"),
    [
        (15, 14, 1, True), (14, 14, 1, False), (15, 14, 0, False), (15, 14, None, False),
        (15, None, 1, False), (None, 14, 1, False),
    ],
)  # fmt: skip
def test_a_late_first_sign_is_warned_of(
    day: int | None, usual: int | None, grade: int | None, warned: bool
) -> None:
    found = late_onset(day, usual, grade)
    assert [(one.code, one.params) for one in found] == (
        [("late_onset", {"day": 15, "usual": 14})] if warned else []
    )
