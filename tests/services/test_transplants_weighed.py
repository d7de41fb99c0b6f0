"""A transplant and donor lymphocytes before collection are weighed as washouts, like lines."""

import pytest

from pathway.domain.collection_guards import not_before
from pathway.loading import load_state
from pathway.loading_therapies import TRANSPLANTED
from patients.models import Course
from patients.models.history import TransplantKind
from terms.refusals import Kind, Refused
from tests.conftest import UserWith
from tests.domain.course_facts import RULES, YOUNG_RULES
from tests.services.refused import codes
from tests.walking import DAY_ZERO, Walk


def test_every_kind_of_transplant_has_a_row_in_each_shipped_protocol() -> None:
    assert set(TRANSPLANTED) == set(TransplantKind.values)
    for rules in (RULES, YOUNG_RULES):
        assert set(TRANSPLANTED.values()) <= set(rules.washouts.by_class)


def test_a_collection_waits_for_transplant_and_lymphocytes(
    course: Course, user_with: UserWith
) -> None:
    walk = Walk(course, user_with).to_apheresis()
    booked = DAY_ZERO.replace(month=9, day=24)

    def against(**transplant: object) -> Refused:
        walk.note("transplant", **transplant)
        with pytest.raises(Refused) as refused:
            walk.open("apheresis", planned_on=booked)
        return refused.value

    soon = against(on="2026-06-17", kind="allo")  # 99 days
    assert [(one.code, one.kind) for one in soon.refusals] == [("washout", Kind.SOFT)]
    assert "Allogeneic transplant" in str(soon.refusals[0])
    both = against(on="2026-09", kind="dli")  # a month counts from its last day
    assert "Donor lymphocyte infusion" in str(both.refusals[0])
    assert codes(against(kind="allo")) == {"washout", "washout_unknown"}
    state = load_state(course)
    facts = state.facts(on=walk.now.date())
    assert not_before(facts) == DAY_ZERO.replace(month=10, day=28)
    assert {one.drug_class for one in facts.therapies if one.transplant} == {
        "allogeneic_transplant", "dli",
    }  # fmt: skip
    lines = {one.drug_class for one in facts.therapies if not one.transplant}
    assert lines.isdisjoint(TRANSPLANTED.values())


def test_a_transplant_after_the_infusion_stands_in_no_collections_way(
    course: Course, user_with: UserWith
) -> None:
    walk = Walk(course, user_with).to_infusion()
    walk.note(
        "transplant", on=walk.now.date().isoformat(), kind="allo", after_infusion=True,
        purpose="consolidation",
    )  # fmt: skip
    assert not any(one.transplant for one in load_state(course).therapies)
