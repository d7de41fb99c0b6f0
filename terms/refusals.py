"""Why something is refused, in words and as data: the one shape that pages, API and logs share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """How firm a refusal is."""

    HARD = "hard"  # cannot be done as asked
    SOFT = "soft"  # yields to a recorded reason by someone who may


@dataclass(frozen=True)
class Refusal:
    """One reason against something.

    `message` is an English msgid with %(name)s places filled from `params` after translation.
    `who_may` holds role codes that could do or waive it; empty means nobody can waive it.
    `field` names the input at fault, empty when no single one is.
    """

    code: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)
    kind: Kind = Kind.HARD
    who_may: tuple[str, ...] = ()
    field: str = ""

    def __str__(self) -> str:
        if not self.params:
            return self.message
        return self.message % {name: _plain(value) for name, value in self.params.items()}


def _plain(value: object) -> object:
    """What fills a place: several things in a row, as people write them."""
    if isinstance(value, tuple | list):
        return joint(value).join(str(one) for one in value)
    return value


def joint(several: Sequence[object]) -> str:
    """What stands between several things: nothing but a space between sentences."""
    return " " if several and isinstance(several[0], Refusal) else ", "


class Refused(Exception):
    """Raised by services when at least one refusal stands; carries all of them at once."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals: tuple[Refusal, ...] = tuple(refusals)
        if not self.refusals:
            raise ValueError("Refused needs at least one refusal")
        super().__init__("; ".join(str(refusal) for refusal in self.refusals))


class NotAllowed(Refused):
    """The actor's roles do not include what is needed (HTTP 403)."""


class StaleVersion(Refused):
    """Someone changed the course since the page was shown (HTTP 409; 412 with If-Match)."""


class Overtaken(StaleVersion):
    """Someone else has answered meanwhile: `standing` is that answer, as data."""

    def __init__(self, refusals: Iterable[Refusal], standing: Mapping[str, object]) -> None:
        super().__init__(refusals)
        self.standing = standing
