"""What the courses of a cohort say to each figure, added up: each number with how many say it.

A course says a number to every figure, or None where the figure does not concern it. UNKNOWN is
that it concerns it and nobody knows. Else a length is twice its days, and one more while it goes
on; an answer is 1 or 0; a number of things is itself.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from exports.domain.apart import Part
from exports.domain.summaries import MISSING, Proportion, Value
from exports.domain.survival import Time

UNKNOWN = -1


def length_told(value: Value | None) -> int | None:
    """A length as the number that is kept."""
    if value is None:
        return None
    return UNKNOWN if value.length is None else 2 * value.length + value.censored


def answer_told(answer: bool | None) -> int:
    """An answer as the number that is kept."""
    return UNKNOWN if answer is None else int(answer)


def _length(told: int) -> Value:
    return MISSING if told == UNKNOWN else Value(told // 2, censored=bool(told % 2))


@dataclass(frozen=True)
class Tally:
    """By figure: each number that is said, and how many courses say it; and by code its parts."""

    said: Mapping[str, Mapping[int, int]]
    parts: Mapping[str, Part] = field(default_factory=dict)

    @classmethod
    def of(cls, codes: Iterable[str], told: Iterable[Iterable[int | None]]) -> Self:
        """Of what each course says to the figures, in the order of their codes."""
        columns = zip(*told, strict=True)
        said = {
            code: _concerned(Counter(column)) for code, column in zip(codes, columns, strict=False)
        }
        return cls({code: numbers for code, numbers in said.items() if numbers})

    def lengths(self, code: str) -> dict[Value, int]:
        """A length with how many have it."""
        return {_length(told): number for told, number in self.said.get(code, {}).items()}

    def times(self, code: str) -> tuple[dict[Time, int], int]:
        """The lengths that are known as times to an event, and how many are missing."""
        found, missing = {}, 0
        for value, number in self.lengths(code).items():
            if value.length is None:
                missing = number
            else:
                found[Time(value.length, not value.censored)] = number
        return found, missing

    def rate(self, code: str) -> Proportion:
        """How many say yes, of those that know."""
        told = self.said.get(code, {})
        return Proportion(told.get(1, 0), told.get(1, 0) + told.get(0, 0), told.get(UNKNOWN, 0))

    def total(self, code: str) -> int:
        """The things of all courses together."""
        return sum(told * number for told, number in self.said.get(code, {}).items())


def _concerned(column: Mapping[int | None, int]) -> dict[int, int]:
    return {told: number for told, number in column.items() if told is not None}
