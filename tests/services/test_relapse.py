"""A relapse and a transplant after the infusion, and what is told of them."""

from typing import Any

import pytest

from accounts.models import User
from exports.timeline import course_timeline
from patients.models import Course
from reminders.models import Notice
from terms.refusals import Refused
from tests.services.refused import fields
from tests.walking import Walk

pytestmark = pytest.mark.walked("to_follow_up")
ANTIGENS = {"cd19": "negative", "cd22": "dim"}


@pytest.fixture
def walk(walk: Walk) -> Walk:
    """A course in follow-up on day 60."""
    return walk.until(60)


def relapse(walk: Walk, **values: Any) -> None:
    walk.note(
        "relapse",
        **{"on": "2026-12-10", "kind": "haematological", "after_infusion": True} | values,
    )


def told(walk: Walk, user: User) -> dict[str, tuple[int | None, str]]:
    rows = course_timeline(user, Course.objects.get(pk=walk.course.pk))
    return {row.event_code: (row.rel_day_D0, row.shown_value) for row in rows}


def test_relapse_is_told_with_sites_antigens_and_its_day(walk: Walk, coordinator: User) -> None:
    relapse(walk, marrow=True, cns="", extramedullary=False, method="flow", **ANTIGENS)
    anchor = walk.course.anchors.get(kind="relapse")
    assert anchor.actual_on is not None
    assert anchor.actual_on.isoformat() == "2026-12-10"
    notice = Notice.objects.get(code="relapse")
    assert notice.roles == ["coordinator", "haematologist"]
    assert notice.params["cd19"] == "negative"
    assert told(walk, coordinator)["RELAPSE_HAEM"] == (
        51, "bone marrow; CD19 negative; CD22 dim; by flow cytometry",
    )  # fmt: skip
    relapse(walk, on="2026-12-12", kind="molecular", cd19="unknown", cd22="not_tested")
    relapse(walk, on="2026-12-13", kind="isolated", cns=True, method="other", **ANTIGENS)
    rows = told(walk, coordinator)
    assert rows["RELAPSE_MOL"] == (53, "CD19 not known; CD22 not tested")
    assert rows["RELAPSE_EXTRAMEDULLARY"][1].startswith("central nervous system; CD19 negative")
    assert Notice.objects.filter(code="relapse").count() == 3


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"cd19": "", "cd22": ""}, {("cd19", "needed"), ("cd22", "needed")}),
        (ANTIGENS | {"on": "dec-2026"}, {("on", "day_needed")}),
        (ANTIGENS | {"on": "2099-01-01"}, {("on", "future_date")}),
        (ANTIGENS | {"kind": "molecular", "cns": True}, {("kind", "overt")}),
        (ANTIGENS | {"kind": "isolated"}, {("kind", "not_isolated")}),
        (ANTIGENS | {"kind": "isolated", "cns": True, "marrow": True}, {("kind", "not_isolated")}),
        (
            {"cd19": "unknown", "cd22": "not_tested", "method": "flow"},
            {("method", "not_tested")},
        ),
    ],
)
def test_relapse_that_contradicts_itself_or_leaves_out_is_refused(
    walk: Walk, values: dict[str, Any], wrong: set[tuple[str, str]]
) -> None:
    with pytest.raises(Refused) as refused:
        relapse(walk, **values)
    assert fields(refused.value) == wrong
    assert not walk.course.relapses.exists()
    assert not Notice.objects.filter(code="relapse").exists()


def test_transplant_after_the_infusion_has_its_purpose(walk: Walk, coordinator: User) -> None:
    after = {"on": "2026-12-01", "kind": "allo", "after_infusion": True}
    walk.note("transplant", **after, donor="MUD", conditioning="RIC", purpose="consolidation")
    assert told(walk, coordinator)["TRANSPLANT_PURPOSE"] == (42, "Consolidation of a remission")
    walk.note("transplant", on="2026-12-02", kind="dli", after_infusion=True)
    wrong = (
        (after, {("purpose", "purpose_needed")}),
        (after | {"after_infusion": "", "purpose": "salvage"}, {("purpose", "not_after_infusion")}),
        (after | {"on": "2026-09", "purpose": "salvage"}, {("on", "before_infusion")}),
    )
    for values, reasons in wrong:
        with pytest.raises(Refused) as refused:
            walk.note("transplant", **values)
        assert fields(refused.value) == reasons
    assert walk.course.transplants.count() == 2
