"""When a grade is one of which people are told in full: by its height, or by its jump."""

from enum import StrEnum

from toxicity.domain.rules import Escalation


class Why(StrEnum):
    """What calls for it."""

    HEIGHT = "height"
    JUMP = "jump"


def why_told(rules: Escalation, scale: str, before: int | None, grade: int | None) -> list[Why]:
    """Why people are told of `grade` of a scale, after `before`; nothing where it is not known.

    `before` None counts as 0: nobody knows of an earlier grade, so a first grade may be a jump.
    """
    if not grade:
        return []
    found = [Why.HEIGHT] if grade >= rules.lines[scale].value else []
    if grade - (before or 0) >= rules.jump.value:
        found.append(Why.JUMP)
    return found
