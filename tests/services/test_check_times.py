"""Correcting the times of an infusion: the check at the bedside is asked again, told and shown."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from pathway.check_times import bag_too_old, outside_check, over_time
from pathway.correcting import correct_time
from pathway.loading import load_state
from pathway.models import Change
from pathway.referring import NewCourse
from pathway.transcribing import Transcript, transcribe
from patients.models import Course
from protocol.models import Protocol
from reminders.models import Notice
from terms.refusals import Refused
from tests.conftest import NOW, UserWith
from tests.domain.test_transcription import FOLLOWED
from tests.services.refused import codes
from tests.services.test_transcribing import ROSSI
from tests.walking import Walk

pytestmark = pytest.mark.walked("to_infusion")

HOUR = timedelta(hours=1)


@pytest.fixture
def walk(walk: Walk) -> Walk:
    """A course whose product was given on day 0."""
    walk.move("product", "infused")
    return walk


def step(walk: Walk, machine: str, target: str) -> Change:
    """The latest step of a machine to a state, as it stands."""
    changes = load_state(walk.course).changes
    return [c for c in changes if (c.machine, c.target) == (machine, target)][-1]


def correct(
    walk: Walk, change: Change, at: datetime, overrides: Mapping[str, str] = MappingProxyType({})
) -> Change:
    """Correct a step; what its gate asks besides is the matter of test_gate_times.py."""
    checks = (check for found in walk.rules.gates.by_gate.values() for check in found)
    besides = {f"gate_{check.code}": "as on paper" for check in checks}
    return correct_time(
        course_id=walk.course.pk, place=change.place, happened_at=at, reason="typed wrongly",
        actor=walk.by("haematologist"), now=walk.tick(), overrides=besides | dict(overrides),
    )  # fmt: skip


def of_times(change: Change) -> list[str]:
    """What was answered at a step that is about no check of its gate."""
    return [one["code"] for one in change.overrides if not one["code"].startswith("gate_")]


def doubts(walk: Walk) -> list[str]:
    """What is said of the times now."""
    return [one.code for one in outside_check(load_state(walk.course))]


def bags(walk: Walk) -> list[str]:
    """What is said of the bag's age now."""
    return [one.code for one in bag_too_old(load_state(walk.course))]


@pytest.mark.parametrize(
    ("machine", "target", "near", "shift", "code", "more"),
    [
        ("journey", "infusion", "infusion", 2 * HOUR, "begun_outside_check", ("thaw_too_long",)),
        ("journey", "infusion", "infusion", -1.5 * HOUR, "begun_outside_check", ()),
        ("product", "infused", "thawing", 0.02 * HOUR, "given_before_check", ()),
    ],
)
def test_a_time_outside_the_check_is_acknowledged_told_and_shown(
    walk: Walk, machine: str, target: str, near: str, shift: timedelta, code: str,
    more: tuple[str, ...],
) -> None:  # fmt: skip
    assert doubts(walk) == []
    old = step(walk, machine, target)
    at = step(walk, "product" if near == "thawing" else "journey", near).happened_at + shift
    walk.now += 5 * HOUR
    for reasons in ({}, {code: " "}, {"another": "x"}):
        with pytest.raises(Refused) as refused:
            correct(walk, old, at, overrides=reasons)
        assert codes(refused.value) == {code, *more}
    aged = dict.fromkeys(more, "so it was")
    new = correct(walk, old, at, overrides={code: "the clock was wrong", **aged})
    assert {"code": code, "reason": "the clock was wrong"} in new.overrides
    assert (doubts(walk), bags(walk)) == ([code], list(more))
    notice = Notice.objects.standing().get(code="check_not_then")
    assert notice.roles == ["haematologist", "quality"]
    back = correct(walk, new, old.happened_at)
    assert back.overrides == old.overrides
    assert doubts(walk) == []
    assert not Notice.objects.standing().filter(code="check_not_then").exists()


def test_a_thaw_after_the_check_is_asked_about_and_other_steps_are_not(walk: Walk) -> None:
    thawed = step(walk, "product", "thawing")
    begun = step(walk, "journey", "infusion")
    with pytest.raises(Refused) as refused:
        correct(walk, thawed, begun.happened_at)
    assert codes(refused.value) == {"thawed_after_check"}
    given = {"thawed_after_check": "seen on the protocol of the lab"}
    correct(walk, thawed, begun.happened_at, overrides=given)
    stored = step(walk, "product", "stored")
    assert correct(walk, stored, stored.happened_at + timedelta(minutes=1)).overrides == []


def test_the_age_of_the_bag_is_asked_again_told_and_taken_back(walk: Walk) -> None:
    thawed, begun = step(walk, "product", "thawing"), step(walk, "journey", "infusion")
    early = begun.happened_at - timedelta(minutes=31)
    with pytest.raises(Refused) as refused:
        correct(walk, thawed, early)
    assert codes(refused.value) == {"thaw_too_long"}
    reason = {"thaw_too_long": "the clock of the bath was wrong"}
    new = correct(walk, thawed, early, overrides=reason)
    assert of_times(new) == ["thaw_too_long"]
    assert bags(walk) == ["thaw_too_long"]
    notice = Notice.objects.standing().get(code="bag_too_old_then")
    assert (notice.roles, notice.params["minutes"]) == (["haematologist", "quality"], 31)
    # Given already, the truth can be told; the beginning takes back what the thaw has told.
    worse = {"thaw_expired": "so it was", "unstable_at_end": "so it was"}
    old = correct(walk, new, early - 3 * HOUR, overrides=worse)
    assert bags(walk) == ["thaw_expired"]
    back = correct(walk, old, thawed.happened_at)
    assert back.overrides == thawed.overrides
    assert bags(walk) == []
    assert not Notice.objects.standing().filter(code="bag_too_old_then").exists()


def test_before_it_is_given_a_bag_too_old_refuses_as_the_move_would(
    course: Course, user_with: UserWith
) -> None:
    walk = Walk(course, user_with).to_infusion()
    thawed, begun = step(walk, "product", "thawing"), step(walk, "journey", "infusion")
    with pytest.raises(Refused) as refused:
        correct(
            walk, thawed, begun.happened_at - 3.2 * HOUR, overrides={"thaw_expired": "so it was"}
        )
    assert [(one.code, one.kind) for one in refused.value.refusals] == [("thaw_expired", "hard")]
    # The paper of the thaw counts before the step.
    paper = begun.happened_at.astimezone(course.centre.zone) - timedelta(minutes=40)
    walk.paper("product", "administration", "ward_nurse", thaw_ended_at=f"{paper:%Y-%m-%d %H:%M}")
    with pytest.raises(Refused) as refused:
        correct(walk, begun, begun.happened_at - timedelta(minutes=1))
    assert [one.params["minutes"] for one in refused.value.refusals] == [39]


def test_the_pages_and_the_api_ask_and_say_so(walk: Walk) -> None:
    begun = step(walk, "journey", "infusion")
    course, walk.now = walk.course.pk, walk.now + 5 * HOUR
    browser = Client()
    browser.force_login(walk.by("haematologist"))
    pages = [
        reverse("course", args=[course]), reverse("gate", args=[course, "infusion"]),
        reverse("identity_check", args=[course, walk.course.identity_checks.latest("pk").pk]),
    ]  # fmt: skip
    page = reverse("change_correct", args=[course, begun.place])
    api = reverse("api_change_correct", args=[course, begun.place])
    zone = walk.course.centre.zone
    late = begun.happened_at.astimezone(zone) + 2 * HOUR
    with time_machine.travel(walk.now, tick=False):
        assert all("Times that do not agree" not in browser.get(p).content.decode() for p in pages)
        version = Course.objects.get(pk=course).version
        told = {
            "happened_at": f"{late:%Y-%m-%d %H:%M}", "reason": "the clock was wrong",
            "expected_version": version,
        }  # fmt: skip
        same = told | {"happened_at": f"{begun.happened_at.astimezone(zone):%Y-%m-%d %H:%M}"}
        assert "override_" not in browser.post(page, same | {"reason": ""}).content.decode()
        answer = browser.post(page, told)
        assert answer.status_code == 422
        text = answer.content.decode()
        assert "it did not stand when the infusion is said to have begun" in text
        assert 'name="override_begun_outside_check"' in text
        body = told | {"happened_at": late.isoformat()}
        refused = browser.post(api, body, "application/json").json()
        both = ["begun_outside_check", "thaw_too_long"]
        assert [one["code"] for one in refused["reasons"]] == both
        early = told | {"happened_at": f"{late - 300 * HOUR:%Y-%m-%d %H:%M}"}
        assert "A step would then lie before" in browser.post(page, early).content.decode()
        reasons = {f"override_{code}": "seen on the pump" for code in both}
        answer = browser.post(page, told | {"override_begun_outside_check": "seen on the pump"})
        text = answer.content.decode()
        assert "It will be shown that the bag had lain thawed for too long." in text
        assert text.count("seen on the pump") == 1
        answer = browser.post(page, told | reasons)
        assert answer.status_code == 302
        assert all("Times that do not agree" in browser.get(p).content.decode() for p in pages)
        found = browser.get(reverse("api_course", args=[course])).json()
        assert [one["code"] for one in found["warnings"]] == both
        later = late + 0.5 * HOUR
        body |= {
            "happened_at": later.isoformat(), "expected_version": found["version"],
            "overrides": [{"code": code, "reason": "seen on the pump"} for code in both],
        }  # fmt: skip
        assert browser.post(api, body, "application/json").status_code == 201
        assert browser.get(reverse("change_correct", args=[course, 99])).status_code == 404


def test_a_course_without_a_product_or_entered_with_its_past_says_nothing(
    course: Course, protocol: Protocol, user_with: UserWith
) -> None:
    assert outside_check(load_state(course)) == ()
    assert bag_too_old(load_state(course)) == ()
    asked = NewCourse(protocol_code=protocol.code, referred_on=FOLLOWED.referred_on)
    entered = transcribe(
        patient=ROSSI, transcript=Transcript(asked, FOLLOWED), actor=user_with("coordinator"),
        now=NOW,
    )  # fmt: skip
    assert outside_check(load_state(entered)) == ()
    assert bag_too_old(load_state(entered)) == ()


def over(walk: Walk) -> list[str]:
    """What is told of an infusion that took longer than the label allows."""
    found = Notice.objects.standing().filter(course=walk.course, code="infusion_over_time")
    return [one["en"] for notice in found for one in notice.params["what"]]


def test_an_infusion_that_took_too_long_by_a_later_paper_is_told_and_shown(walk: Walk) -> None:
    thawed, begun = step(walk, "product", "thawing"), step(walk, "journey", "infusion")
    zone, walk.now = walk.course.centre.zone, walk.now + 5 * HOUR
    browser, page = Client(), reverse("course", args=[walk.course.pk])
    browser.force_login(walk.by("haematologist"))

    def paper(minutes: int) -> None:
        start = begun.happened_at.astimezone(zone)
        walk.paper(
            "product", "administration", "ward_nurse",
            infusion_started_at=f"{start:%Y-%m-%d %H:%M}",
            infusion_ended_at=f"{start + timedelta(minutes=minutes):%Y-%m-%d %H:%M}",
        )  # fmt: skip

    paper(20)
    assert over(walk) == []
    paper(190)
    said = over(walk)
    assert [text.split(" minutes")[0] for text in said[:1]] == ["The infusion took 190"]
    assert said[1].startswith("The infusion ended")
    notice = Notice.objects.standing().get(code="infusion_over_time")
    assert notice.roles == ["haematologist", "quality"]
    with time_machine.travel(walk.now, tick=False):
        assert said[0] in browser.get(page).content.decode()
    paper(20)
    assert over(walk) == []
    early = begun.happened_at - timedelta(minutes=175)
    reasons = {"thaw_too_long": "the clock was wrong"}
    with pytest.raises(Refused) as refused:
        correct(walk, thawed, early, overrides=reasons)
    assert codes(refused.value) == {"unstable_at_end"}
    new = correct(walk, thawed, early, overrides=reasons | {"unstable_at_end": "so it was"})
    assert of_times(new) == ["thaw_too_long", "unstable_at_end"]
    assert [text[:18] for text in over(walk)] == ["The infusion ended"]
    # A minute later it says something else and is asked; back where it was nothing is left of it.
    with pytest.raises(Refused) as refused:
        correct(walk, new, early + timedelta(minutes=1), overrides=reasons)
    assert codes(refused.value) == {"unstable_at_end"}
    back = correct(walk, new, thawed.happened_at)
    assert (back.overrides, over(walk)) == (thawed.overrides, [])


def test_before_it_is_over_nothing_is_told_of_an_infusion(
    course: Course, user_with: UserWith
) -> None:
    walk = Walk(course, user_with).to_infusion()
    walk.administer()
    assert over_time(load_state(course)) == ()
    assert over(walk) == []
