"""What is told apart by codes: items, delays, reasons of an end, causes of death, incidents.

A code is its kind and what the protocol or the chart calls it: `item/MARROW`,
`reason/patient/INFECTION`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from exports.domain.counted import Counted

ITEM, SIDE, REASON, LEFT, CAUSE = "item", "side", "reason", "left", "cause"
INCIDENT = "incident"
DEATH, LOST, UNKNOWN = "death", "lost", "unknown"


@dataclass(frozen=True)
class Part:
    """So many of so many, `missing` in neither, and of how many courses.

    Of delays `part` are the days of the `of` that are over, and `missing` go on. Of incidents a
    course says how many; of how many infusions the cohort knows.
    """

    part: int
    of: int
    missing: int = 0
    courses: int = 1
    suppressed: bool = False

    def __add__(self, other: "Part") -> "Part":
        return Part(
            self.part + other.part,
            self.of + other.of,
            self.missing + other.missing,
            self.courses + other.courses,
        )


def parts_said(one: Counted) -> dict[str, Part]:
    """What a course says to each code that concerns it."""
    said = {f"{ITEM}/{item}": Part(timely, due) for item, timely, due in one.items}
    for reason, side, days, over, going_on in one.delays:
        known = Part(days, over, going_on)
        said[f"{REASON}/{side}/{reason}"] = known
        before = said.get(f"{SIDE}/{side}", Part(0, 0, 0, 0))
        said[f"{SIDE}/{side}"] = Part(
            before.part + days, before.of + over, before.missing + going_on
        )
    if one.never_infused:
        said[f"{LEFT}/{_why(one)}"] = Part(1, 1)
    if one.infused and one.died_on is not None:
        said[f"{CAUSE}/{one.death_category or UNKNOWN}"] = Part(1, 1)
    for category, number in one.incident_categories:
        said[f"{INCIDENT}/{category or UNKNOWN}"] = Part(number, 0)
    return said


def _why(one: Counted) -> str:
    """The coded reason of an end; without an end the death. Who is lost left for no coded one."""
    if not one.ended:
        return DEATH
    return one.exit_reason or (LOST if one.stage == LOST else UNKNOWN)


def kept_as(said: Mapping[str, Part]) -> list[str]:
    """What a course says as the words that are kept: `item/MARROW 3 4 0`."""
    return [f"{code} {part.part} {part.of} {part.missing}" for code, part in said.items()]


def read_again(kept: Iterable[tuple[str, int]]) -> dict[str, Part]:
    """What courses say together, from kept words and how many courses say each."""
    found = []
    for words, courses in kept:
        code, *numbers = words.rsplit(" ", 3)
        part, of, missing = (int(number) * courses for number in numbers)
        found.append({code: Part(part, of, missing, courses)})
    return together(found)


def together(said: Iterable[Mapping[str, Part]]) -> dict[str, Part]:
    """What courses say, added up."""
    found: dict[str, Part] = {}
    for parts in said:
        for code, part in parts.items():
            found[code] = found[code] + part if code in found else part
    return found
