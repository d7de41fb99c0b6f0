"""Which of a patient's numbers the labels are compared with: the one marked, or the only one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from patients.domain.likeness import plain_words
from terms.refusals import Refusal
from terms.words import N_

HOSPITAL = "Hospital"
# How the issuer of the hospital's own number is written, in bare words. Any other is taken for the
# one on the labels only when somebody says so.
_HOSPITAL, _HOSPITAL_NUMBER = N_("Hospital"), N_("Hospital number")
_OWN: Mapping[str, str] = MappingProxyType(
    {
        "hospital": _HOSPITAL,
        "ospedale": _HOSPITAL,
        "hospital number": _HOSPITAL_NUMBER,
        "numero ospedaliero": _HOSPITAL_NUMBER,
    }
)


def own_issuer(system: str) -> str | None:
    """The msgid of the hospital as issuer of a number, whichever language it was written in."""
    return _OWN.get(plain_words(system))


@dataclass(frozen=True)
class Number:
    """A number that stands. `on_labels` says that somebody named it as the one on the labels."""

    system: str
    value: str
    on_labels: bool = False


def compared_with(numbers: Iterable[Number]) -> Number | None:
    """The number that wristband and labels are compared with, None where nobody can tell.

    It is the one that was marked; else the hospital's own where there is exactly one.
    """
    found = _possible(list(numbers))
    return found[0] if len(found) == 1 else None


def refuse_unclear(numbers: Iterable[Number]) -> list[Refusal]:
    """What stands against comparing anything while numbers are recorded and none is the one."""
    recorded = list(numbers)
    if not recorded or compared_with(recorded) is not None:
        return []
    several = len(_possible(recorded))
    message = (
        N_(
            "%(number)s hospital numbers are recorded: say among the numbers of the patient which "
            "one wristband and labels carry."
        )
        if several
        else N_(
            "No recorded number is the hospital's own: say among the numbers of the patient which "
            "one wristband and labels carry."
        )
    )
    return [Refusal("hospital_number_unclear", message, params={"number": several})]


def _possible(numbers: list[Number]) -> list[Number]:
    marked = [number for number in numbers if number.on_labels]
    return marked or [number for number in numbers if plain_words(number.system) in _OWN]
