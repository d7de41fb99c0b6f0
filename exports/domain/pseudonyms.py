"""What stands for a course in a pseudonymised file: its code, its shifted dates, its age."""

import hmac
import re
from base64 import b32encode
from datetime import date, timedelta

from terms.partial_dates import UnreadableDate, parse

SECRET_BYTES = 32
# Whole weeks keep the days of the week, which would betray any other shift; and back only, for
# dates ahead would say how far they were moved. Up to two years: see docs/adr/0015.
_DAYS_OF_A_WEEK, _MOST_WEEKS = 7, 104
_CODE_BYTES = 10
# Safe Harbor groups the oldest: few enough to be found by their age.
_OLDEST = 90
_ISO = re.compile(r"(19|20)[0-9]{2}(-[0-9]{2}(-[0-9]{2})?)?")
_DAY = re.compile(r"(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")


def code_of(secret: bytes, course_id: int) -> str:
    """The pseudonym of a course: the same for ever, not to be guessed without the secret."""
    return "P-" + b32encode(_digest(secret, "code", course_id)[:_CODE_BYTES]).decode("ascii")


def days_of(secret: bytes, course_id: int) -> int:
    """By how many days every date of a course is shifted: a negative number of whole weeks."""
    drawn = int.from_bytes(_digest(secret, "days", course_id), "big")
    return -_DAYS_OF_A_WEEK * (1 + drawn % _MOST_WEEKS)


def _digest(secret: bytes, use: str, course_id: int) -> bytes:
    return hmac.digest(secret, f"percorso {use} {course_id}".encode("ascii"), "sha256")


def shifted_day(on: date | None, days: int) -> date | None:
    """A date shifted; None stays None."""
    return on + timedelta(days=days) if on is not None else None


def shifted(text: str, days: int) -> tuple[str, str]:
    """A date as far as it is known, shifted, and its precision.

    A month or a year lies across two of them once it is shifted. Naming one could contradict the
    order of events, naming the limits would tell the shift: so what is left is the calendar year
    where all of it falls into one, else nothing.
    """
    if not text:
        return "", ""
    on = parse(text)
    first, last = (day + timedelta(days=days) for day in (on.earliest(), on.latest()))
    if first == last:
        return first.isoformat(), "day"
    return (f"{first.year:04d}", "year") if first.year == last.year else ("", "")


def shifted_value(value: str, days: int, *, dated: bool) -> str:
    """A value that is a date, shifted as dates are; one with a day inside is left out.

    `dated` says that it may be a date known to the year, as what stood before a correction may:
    elsewhere 2026 is what somebody counted.
    """
    if _DAY.fullmatch(value) or (dated and _ISO.fullmatch(value)):
        try:
            return shifted(value, days)[0]
        except UnreadableDate:
            return ""  # somebody's 31 February: what it was meant to be may be near
    return "" if _DAY.search(value) else value


def age_told(years: int | None) -> str:
    """An age in completed years; the oldest in one group, nothing where it is not known."""
    if years is None:
        return ""
    return f"{_OLDEST}+" if years >= _OLDEST else str(years)
