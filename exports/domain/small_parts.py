"""What is told apart by codes outside of the treating centre: no code by which somebody is known.

Nor one that could be counted from the others and a whole that is told beside them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from exports.domain.apart import CAUSE, INCIDENT, ITEM, LEFT, REASON, SIDE, Part

REGISTRY = f"{ITEM}/REG"  # a whole of its own is told of these


def parts_told(parts: Mapping[str, Part], least: int) -> dict[str, Part]:
    """The parts as they may be told."""
    hidden = {code for code, part in parts.items() if _is_small(code, part, least)}
    for group in _groups(parts):
        _hide_what_could_be_counted(group, hidden, parts, least)
    return {code: replace(part, suppressed=code in hidden) for code, part in parts.items()}


def _few(number: int, least: int) -> bool:
    return 0 < number < least


def _is_rate(code: str) -> bool:
    return not code.startswith((f"{SIDE}/", f"{REASON}/"))


def _is_small(code: str, part: Part, least: int) -> bool:
    numbers = [part.courses]
    if _is_rate(code):
        numbers += [part.part, part.of - part.part, part.of]
    return any(_few(number, least) for number in numbers)


def _groups(codes: Iterable[str]) -> list[list[str]]:
    """The codes that make a whole which may be told."""
    listed = sorted(codes)
    items = [code for code in listed if code.startswith(f"{ITEM}/")]
    registry = [code for code in items if code.startswith(REGISTRY)]
    others = [code for code in items if not code.startswith(REGISTRY)]
    left = [code for code in listed if code.startswith(f"{LEFT}/")]
    causes = [code for code in listed if code.startswith(f"{CAUSE}/")]
    incidents = [code for code in listed if code.startswith(f"{INCIDENT}/")]
    sides: dict[str, list[str]] = {}
    for code in listed:
        if code.startswith(f"{REASON}/"):
            sides.setdefault(code.rpartition("/")[0], []).append(code)
    return [registry, others, items, left, causes, incidents, *sides.values()]


def _hide_what_could_be_counted(
    group: list[str], hidden: set[str], parts: Mapping[str, Part], least: int
) -> None:
    """Hide another while one is hidden alone or few are hidden together.

    The smallest first, and what is nothing last.
    """
    shown = sorted(
        (code for code in group if code not in hidden),
        key=lambda code: (not parts[code].part, parts[code].part),
        reverse=True,
    )
    gone = [code for code in group if code in hidden]
    while gone and shown and _could_be_counted([parts[code] for code in gone], least):
        gone.append(shown.pop())
        hidden.add(gone[-1])


def _could_be_counted(gone: list[Part], least: int) -> bool:
    together = sum(part.part for part in gone)
    rest = sum(part.of - part.part for part in gone)
    courses = sum(part.courses for part in gone)
    return len(gone) == 1 or any(_few(number, least) for number in (together, rest, courses))
