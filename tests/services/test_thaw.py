"""The thaw: it asks the gate before it, and a bag that lay too long is not given."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from pathway.details import details_of
from pathway.domain.gate_rules import Gate
from pathway.domain.gates import checklist
from pathway.gating import facts_before
from pathway.loading import load_state
from pathway.models import GateEntry
from pathway.passages import passage_of, thaw_of
from patients.charting import withdraw_consent
from patients.models import Course
from reminders.models import Notice
from terms.refusals import Refused
from tests.services.refused import codes
from tests.walking import Walk

pytestmark = pytest.mark.walked("to_lymphodepletion", "deplete")

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def noted(walk: Walk, ago: timedelta) -> str:
    """A moment as people write it."""
    return (walk.now - ago).astimezone(walk.course.centre.zone).strftime("%Y-%m-%d %H:%M")


@pytest.mark.walked("to_lymphodepletion", "deplete", "thaw")
def test_a_bag_that_lay_thawed_for_days_is_not_given(walk: Walk) -> None:
    walk.until(2)
    walk.pass_gate("infusion").check("bedside", "ward_nurse", "haematologist")
    with pytest.raises(Refused) as refused:
        walk.go("infusion")
    assert [(one.code, one.kind) for one in refused.value.refusals] == [("thaw_expired", "hard")]
    seen = facts_before(load_state(walk.course), Gate.INFUSION, walk.now)
    found = next(c for c in checklist(Gate.INFUSION, seen) if c.check.code == "product")
    assert (found.status, found.passed) == ("stale", False)
    browser = Client()
    browser.force_login(walk.by("haematologist"))
    page = browser.get(reverse("gate", args=[walk.course.pk, "infusion"])).content.decode()
    assert "Product: Thawing, for" in page
    # The paper of the thaw counts where there is one.
    walk.paper("product", "administration", "ward_nurse", thaw_ended_at=noted(walk, HOUR))
    with pytest.raises(Refused) as refused:
        walk.go("infusion")
    assert codes(refused.value) == {"thaw_too_long"}
    change = walk.go("infusion", overrides={"thaw_too_long": "the line was blocked"})
    assert [one["code"] for one in change.overrides] == ["thaw_too_long"]


@pytest.mark.walked("to_lymphodepletion", "deplete", "thaw")
def test_what_began_in_time_is_recorded_later_without_its_paper(walk: Walk) -> None:
    walk.check("bedside", "ward_nurse", "haematologist")
    begun, walk.now = walk.now + timedelta(minutes=5), walk.now + 6 * HOUR
    browser = Client()
    browser.force_login(walk.by("haematologist"))
    page = reverse("move", args=[walk.course.pk, "infusion"])
    with time_machine.travel(walk.now, tick=False):
        course = browser.get(reverse("course", args=[walk.course.pk])).content.decode()
        assert "It happened earlier: record it" in course
        text = browser.get(page).content.decode()
        assert "If it happened earlier, while all of this stood" in text
        version = Course.objects.get(pk=walk.course.pk).version
        zone, asked = walk.course.centre.zone, {"reason": "", "expected_version": version}
        late = browser.post(
            page, asked | {"happened_at": f"{walk.now.astimezone(zone):%Y-%m-%d %H:%M}"}
        )
        assert late.status_code == 422
        told = asked | {"happened_at": f"{begun.astimezone(zone):%Y-%m-%d %H:%M}"}
        assert browser.post(page, told).status_code == 302
    with pytest.raises(Refused) as refused:
        walk.move("product", "infused", overrides={"another": "x"})
    kinds = {(one.code, one.kind) for one in refused.value.refusals}
    assert kinds == {("given_late", "soft"), ("administration_missing", "soft")}
    given = walk.move(
        "product", "infused", happened_at=begun + 20 * timedelta(minutes=1),
        overrides={"administration_missing": "the sheet is in the ward"},
    )  # fmt: skip
    assert [one["code"] for one in given.overrides] == ["administration_missing"]


@pytest.mark.walked("to_lymphodepletion", "deplete", "thaw")
def test_nothing_is_recorded_of_earlier_while_nobody_checked(walk: Walk) -> None:
    browser = Client()
    browser.force_login(walk.by("haematologist"))
    with time_machine.travel(walk.now, tick=False):
        page = browser.get(reverse("move", args=[walk.course.pk, "infusion"])).content.decode()
    assert "This cannot be done now" in page
    assert "If it happened earlier" not in page


def test_the_thaw_asks_what_can_be_known_before_it(walk: Walk) -> None:
    with pytest.raises(Refused) as refused:
        walk.move("product", "thawing", "cell_lab")
    assert codes(refused.value) == {
        "gate_infection", "gate_reactions", "gate_gvhd", "gate_fever", "gate_tocilizumab",
        "gate_tocilizumab_further",
        "gate_resuscitation",
    }  # fmt: skip
    assert {one.kind for one in refused.value.refusals} == {"hard"}
    with pytest.raises(Refused) as refused:
        walk.thaw("infection", "premedication")
    assert codes(refused.value) == {"gate_infection"}
    assert thaw_of(load_state(walk.course)) is None
    walk.thaw("premedication")
    state = load_state(walk.course)
    assert passage_of(state, Gate.INFUSION) is None
    assert thaw_of(state) is not None
    browser = Client()
    browser.force_login(walk.by("haematologist"))
    page = browser.get(reverse("gate", args=[walk.course.pk, "infusion"])).content.decode()
    assert page.count("(asked before the thaw)") == 13
    assert "The product was thawed on 20-Oct-2026" in page
    rows = browser.get(reverse("api_gate", args=[walk.course.pk, "infusion"])).json()["results"]
    told = {row["code"]: row["before_thaw"] for row in rows}
    assert told["infection"] is True
    assert told["premedication"] is False


def test_what_was_answered_at_the_thaw_is_not_asked_again(walk: Walk) -> None:
    withdraw_consent(
        consent_id=walk.course.consents.get(kind="data").pk, withdrawn_on=walk.now.date(),
        actor=walk.by("coordinator"), now=walk.tick(),
    )  # fmt: skip
    walk.course.refresh_from_db()
    with pytest.raises(Refused) as refused:
        walk.thaw()
    assert codes(refused.value) == {"consent_not_standing"}
    because = {"consent_not_standing": "of data only"}
    walk.move("product", "thawing", "haematologist", overrides=because)
    walk.check("bedside", "ward_nurse", "haematologist")
    assert walk.go("infusion").overrides == []
    assert not GateEntry.objects.filter(outcome="waived").exists()


@pytest.mark.walked("to_lymphodepletion", "deplete", "thaw")
def test_an_infusion_that_took_too_long_says_why(walk: Walk) -> None:
    walk.paper("product", "administration", "ward_nurse", thaw_ended_at=noted(walk, -MINUTE))
    thawed, walk.now = walk.now + MINUTE, walk.now + 2 * MINUTE
    walk.check("bedside", "ward_nurse", "haematologist")
    walk.go("infusion")
    zone = walk.course.centre.zone
    times = {
        "thaw_ended_at": thawed, "infusion_started_at": walk.now,
        "infusion_ended_at": thawed + 181 * MINUTE,
    }  # fmt: skip
    told = {name: f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for name, at in times.items()}
    walk.now = thawed + 182 * MINUTE
    walk.paper("product", "administration", "ward_nurse", volume_ml="68", **told)
    with pytest.raises(Refused) as refused:
        walk.move("product", "infused", "ward_nurse")
    kinds = {(one.code, one.kind) for one in refused.value.refusals}
    assert kinds == {("infusion_too_long", "soft"), ("unstable_at_end", "soft")}
    why = dict.fromkeys(("infusion_too_long", "unstable_at_end"), "The line was blocked")
    change = walk.move("product", "infused", overrides=why)
    assert {one["code"] for one in change.overrides} == set(why)
    walk.paper("product", "administration", "ward_nurse", volume_ml="68", **told)
    told_of = Notice.objects.filter(course=walk.course, code="infusion_over_time")
    assert not told_of, "answered at the step itself"
    late = f"{(thawed + 182 * MINUTE).astimezone(zone):%Y-%m-%d %H:%M}"
    walk.paper("product", "administration", "ward_nurse", **(told | {"infusion_ended_at": late}))
    assert told_of.all().exists(), "another time, another answer"


def test_only_the_way_back_from_quarantine_asks_for_its_number() -> None:
    asked = details_of("product", "thawing", source="quarantined")
    assert asked == details_of("product", "thawing")
    assert asked
    assert details_of("product", "thawing", source="stored") == ()
