"""When a patient may be called lost: the last contact and the attempts since, to the day."""

from datetime import date
from typing import Any

import pytest

from pathway.domain.loss_guards import looked_for, out_of_contact
from terms.refusals import Kind
from tests.domain.course_facts import DAY, facts

LAST = date(2025, 10, 11)  # thirteen months and a day before DAY


@pytest.mark.parametrize(
    ("last", "code", "kind"),
    [
        (LAST, None, None),
        (date(2025, 10, 12), "contact_recent", Kind.HARD),
        (DAY, "contact_recent", Kind.HARD),
        (None, "last_contact_unknown", Kind.SOFT),
    ],
)
def test_last_contact(last: date | None, code: str | None, kind: Kind | None) -> None:
    refusal = out_of_contact(facts("follow_up", last_contact_on=last))
    assert (refusal.code if refusal else None) == code
    assert (refusal.kind if refusal else None) == kind
    assert refusal is None or str(refusal)


@pytest.mark.parametrize(
    ("given", "enough"),
    [
        ({"last_contact_on": LAST, "attempts_on": (date(2025, 12, 1), DAY)}, True),
        ({"last_contact_on": None, "attempts_on": (LAST, DAY)}, True),
        ({"last_contact_on": LAST, "attempts_on": (LAST, DAY)}, False),
        ({"last_contact_on": LAST, "attempts_on": (DAY, date(2026, 11, 13))}, False),
        ({"last_contact_on": LAST}, False),
    ],
)
def test_attempts_count_since_the_last_contact_until_the_day(
    given: dict[str, Any], enough: bool
) -> None:
    refusal = looked_for(facts("follow_up", **given))
    assert (refusal is None) is enough
    assert refusal is None or refusal.code == "attempts_missing"
