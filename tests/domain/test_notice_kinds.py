"""Every kind of notice has its words, and none of them tells anybody to treat."""

import re

import pytest

from reminders.domain.notice_kinds import NOTICE_KINDS, SEVERITY_NAMES, NoticeKind, Severity

# Words by which a text would order treatment; a notice tells and says what to look at.
_ORDERS = re.compile(r"\b(give|administer|start|stop|infuse|treat|prescribe|increase)\b", re.I)


@pytest.mark.parametrize("kind", NOTICE_KINDS.values(), ids=NOTICE_KINDS)
def test_a_kind_fills_its_places_and_orders_no_treatment(kind: NoticeKind) -> None:
    assert set(re.findall(r"%\((\w+)\)s", kind.text)) == set(kind.params)
    assert "%" not in kind.look
    assert not _ORDERS.search(f"{kind.text} {kind.look}")
    assert len(kind.code) <= 40


def test_every_severity_has_a_name() -> None:
    assert set(SEVERITY_NAMES) == set(Severity)
