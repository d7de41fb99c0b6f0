"""What every resource of a bundle shares: the code for a name, dates, references, plain shapes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.utils.translation import get_language

from exports.domain.pseudonyms import shifted
from exports.domain.typed_words import Telling, untelling
from exports.writers.fhir.codes import UCUM, UNITS, Code
from terms.words import Bilingual

Resource = dict[str, Any]
_NAMESPACE = UUID("2f0d6c1e-5a3b-5c8e-9d64-0c8f7f6f7a11")


@dataclass(frozen=True)
class Frame:
    """Under which code a course leaves, by how many days every date is moved, and the day it is.

    `today` is the real day in the centre's zone; it decides what is due and is never shown.
    `telling` is what names the patient.
    """

    code: str
    zone: ZoneInfo
    today: date
    shift_days: int = 0
    telling: Telling = ()

    def typed(self, text: str) -> str:
        """What somebody typed of disease or drug, unless it tells who it is, or when."""
        return untelling(text, self.telling, dates=self.shift_days != 0)

    def on(self, day: date | None) -> str | None:
        """A day, moved."""
        return None if day is None else (day + self._shift).isoformat()

    def at(self, moment: datetime | None) -> str | None:
        """A moment on the clock of the centre, on the moved day."""
        if moment is None:
            return None
        clock = moment.astimezone(self.zone).replace(tzinfo=None) + self._shift
        return clock.replace(tzinfo=self.zone).isoformat(timespec="seconds")

    def partial(self, text: str) -> str | None:
        """A date as far as it is known, moved; None where it is not."""
        return (shifted(text, self.shift_days)[0] if self.shift_days else text) or None

    def period(self, start: date | None, end: date | None = None) -> dict[str, str] | None:
        """From a day to a day, as far as known."""
        return bare({"start": self.on(start), "end": self.on(end)}) or None

    def url(self, kind: str, key: object = "") -> str:
        """The address of a resource inside its bundle: the same for the same course and code."""
        return f"urn:uuid:{uuid5(_NAMESPACE, f'{self.code}/{kind}/{key}')}"

    def ref(self, kind: str, key: object = "") -> dict[str, str]:
        """A reference to a resource of the bundle."""
        return {"reference": self.url(kind, key)}

    @property
    def patient(self) -> dict[str, str]:
        """The reference to the patient."""
        return self.ref("patient")

    def entry(self, kind: str, key: object, type_: str, **fields: Any) -> Resource:
        """One entry of the bundle; what is not known is left out. `class_` is written `class`."""
        said = {name.rstrip("_"): value for name, value in fields.items()}
        return {
            "fullUrl": self.url(kind, key),
            "resource": {"resourceType": type_, **bare(said)},
        }

    @property
    def _shift(self) -> timedelta:
        return timedelta(days=self.shift_days)


def bare(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is not known: no null, no empty text and no empty list is written."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def concept(text: object, code: Code | None = None) -> dict[str, Any] | None:
    """Words, and a code beside them where one was verified; None for no words at all."""
    words = in_words(text)
    if not words:
        return None
    coding = [{"system": code.system, "code": code.code}] if code else None
    return bare({"coding": coding, "text": words})


def in_words(text: object) -> str:
    """A text of the protocol in the active language, any other as it is."""
    if isinstance(text, Bilingual):
        return text.in_language(get_language() or "en")
    return str(text)


def quantity(value: Decimal | int | None, unit: str, comparator: str = "") -> dict[str, Any] | None:
    """A number with its unit, the unit's code where it is one of UCUM."""
    if value is None:
        return None
    system = UCUM if unit in UNITS else None
    return bare(
        {
            "value": number(value),
            "comparator": comparator,
            "unit": unit,
            "system": system,
            "code": unit if system else None,
        }
    )


def number(value: Decimal | int) -> int | float:
    """As JSON writes it, without the zeros that a column fills up with."""
    return int(value) if value == value.__trunc__() else float(value)
