"""Refusals of dates that cannot be: in the future, before birth, in the wrong order."""

from datetime import date

from terms.partial_dates import PartialDate
from terms.refusals import Refusal
from terms.words import N_


def refuse_future(on: date | PartialDate, today: date, field: str) -> list[Refusal]:
    """One refusal when every date `on` can be lies after `today`, the centre's date."""
    if _first(on) <= today:
        return []
    return [
        Refusal(
            code="future_date",
            message=N_("This date is in the future: only what has happened is recorded here."),
            field=field,
        )
    ]


def refuse_before_birth(on: date | PartialDate, birth_date: date, field: str) -> list[Refusal]:
    """One refusal when every date `on` can be lies before `birth_date`."""
    if _last(on) >= birth_date:
        return []
    return [
        Refusal(
            code="before_birth",
            message=N_("This date is before the patient's birth."),
            field=field,
        )
    ]


def refuse_before(
    on: date, limit: date | None, *, code: str, message: str, field: str
) -> list[Refusal]:
    """One refusal when `on` is before `limit`; `message` may name %(limit)s, shown as a date."""
    if limit is None or on >= limit:
        return []
    return [Refusal(code=code, message=message, params={"limit": limit}, field=field)]


def _first(on: date | PartialDate) -> date:
    return on.earliest() if isinstance(on, PartialDate) else on


def _last(on: date | PartialDate) -> date:
    return on.latest() if isinstance(on, PartialDate) else on
