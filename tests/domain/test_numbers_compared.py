"""Which number the labels are compared with: marked, or the only one of the hospital, or none."""

import pytest

from patients.domain.numbers import Number, compared_with, refuse_unclear

H, H2 = Number("Hospital", "1"), Number(" Òspedale ", "2")
STUDY, OTHER = Number("Study", "7"), Number("Ospedale di Lecco", "9")
MARKED = Number("Study", "8", on_labels=True)


@pytest.mark.parametrize(
    ("numbers", "compared", "against"),
    [
        ([], None, None),
        ([H], "1", None),
        ([STUDY, H2], "2", None),
        ([Number("HOSPITAL  number", "3"), STUDY], "3", None),
        ([H, MARKED], "8", None),
        ([H, H2, MARKED], "8", None),
        ([H, H2, STUDY], None, 2),
        ([H, H2], None, 2),
        ([STUDY], None, 0),
        ([OTHER, STUDY], None, 0),
    ],
)
def test_number_compared(numbers: list[Number], compared: str | None, against: int | None) -> None:
    found = compared_with(numbers)
    assert (found.value if found else None) == compared
    refusals = refuse_unclear(iter(numbers))
    assert [refusal.code for refusal in refusals] == (
        [] if against is None else ["hospital_number_unclear"]
    )
    assert [refusal.params["number"] for refusal in refusals] == (
        [] if against is None else [against]
    )
