"""Every figure of the report, asked of one course, in the order in which its answers are kept."""

from collections.abc import Iterable
from dataclasses import replace

from exports.domain.apart import parts_said, together
from exports.domain.counted import Counted
from exports.domain.curves import CURVES
from exports.domain.incidence import ENDS
from exports.domain.indicators import ANSWERS, LENGTHS, NUMBERS
from exports.domain.statistics import ASKED
from exports.domain.tally import Tally, answer_told, length_told

_LENGTHS = {**ASKED, **LENGTHS, **CURVES, **ENDS}
CODES = (*_LENGTHS, *ANSWERS, *NUMBERS)


def told_by(one: Counted) -> list[int | None]:
    """What a course says to each of CODES."""
    return [
        *(length_told(asked(one)) for asked in _LENGTHS.values()),
        *(answer_told(asked.answer(one)) if asked.of(one) else None for asked in ANSWERS.values()),
        *(asked(one) for asked in NUMBERS.values()),
    ]


def tally_of(patients: Iterable[Counted]) -> Tally:
    """What the courses of a cohort say, added up."""
    listed = list(patients)
    parts = together(map(parts_said, listed))
    return replace(Tally.of(CODES, map(told_by, listed)), parts=parts)
