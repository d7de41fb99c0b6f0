"""What comes after the gate: results, infections and a certificate that speak against going on."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from pathway.domain.gate_rules import Gate
from pathway.domain.gates import CheckStanding, checklist
from pathway.dosing import DoseOrder
from pathway.gating import CheckNote, facts_before, record_checks
from pathway.loading import load_state
from patients.mistaken_facts import bring_back, mark_fact
from patients.models import Course, LabResult
from reminders.models import Notice
from terms.refusals import Refused
from tests.services.refused import codes
from tests.walking import DAY_ZERO, Walk
from toxicity.given_refusals import InfectionFacts
from toxicity.infections import record_infection, withdraw_infection

GERMS = ("e_coli", "s_epidermidis")


def check(walk: Walk, gate: str, code: str) -> CheckStanding:
    """How a check stands now."""
    seen = facts_before(load_state(walk.course), Gate(gate), walk.now)
    return next(one for one in checklist(Gate(gate), seen) if one.check.code == code)


def told(walk: Walk, code: str = "chart_otherwise") -> set[str]:
    """What the standing notices of a kind are about."""
    found = Notice.objects.standing().filter(course=walk.course, code=code)
    return set(found.values_list("about", flat=True))


def lab(walk: Walk, analyte: str, **values: str) -> None:
    """A result of the walk's today."""
    walk.note("lab", on=str(walk.now.date()), analyte=analyte, **values)


@pytest.mark.walked("to_bridging", "make")
def test_a_reactivation_after_the_gate_was_recorded_stops_lymphodepletion(walk: Walk) -> None:
    walk.until(-7).pass_gate("lymphodepletion")
    lab(walk, "EBV", result="positive", value="25000", unit="[IU]/mL")
    assert check(walk, "lymphodepletion", "viral_pcr").status == "chart"
    with pytest.raises(Refused) as refused:
        walk.go("lymphodepletion")
    assert [(one.code, one.kind) for one in refused.value.refusals] == [("chart_viral_pcr", "soft")]
    assert told(walk) == set(), "the gate is not passed yet"
    browser = Client()
    with time_machine.travel(walk.now, tick=False):
        browser.force_login(walk.by("haematologist"))
        gate = reverse("gate", args=[walk.course.pk, "lymphodepletion"])
        page = browser.get(gate).content.decode()
    assert "The chart says otherwise" in page
    assert "EBV PCR positive on 13-Oct-2026" in page
    walk.go("lymphodepletion", overrides={"chart_viral_pcr": "rituximab given, falling"})
    kept = check(walk, "lymphodepletion", "viral_pcr")
    assert (kept.status, kept.remark) == ("waived", "rituximab given, falling")
    again = CheckNote("viral_pcr", "met")
    record_checks(
        course_id=walk.course.pk, gate=Gate.LYMPHODEPLETION, notes=[again],
        actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip
    assert check(walk, "lymphodepletion", "viral_pcr").status == "met"


@pytest.mark.walked("to_bridging", "make")
def test_everything_that_speaks_against_a_check_is_named_before_it_is_answered(
    walk: Walk,
) -> None:
    walk.until(-7).pass_gate("lymphodepletion")
    lab(walk, "EBV", result="positive", value="300", unit="[IU]/mL")
    lab(walk, "CMV", result="positive", value="9000", unit="[IU]/mL")
    with pytest.raises(Refused) as refused:
        walk.go("lymphodepletion")
    named = [str(one.params["what"]) for one in refused.value.refusals]
    assert len(named) == 2
    assert {one.code for one in refused.value.refusals} == {"chart_viral_pcr"}
    assert any("CMV" in one for one in named)
    walk.go("lymphodepletion", overrides={"chart_viral_pcr": "both treated, falling"})
    assert check(walk, "lymphodepletion", "viral_pcr").status == "waived"


@pytest.mark.walked("to_lymphodepletion")
def test_what_comes_after_the_gate_is_told_and_asked_at_the_next_dose(walk: Walk) -> None:
    walk.until(-6).plan("infusion", DAY_ZERO)
    walk.open("lymphodepletion", regimen="Flu/Cy")
    walk.until(-4).pass_gate("lymphodepletion")
    walk.give("lymphodepletion", 1)
    version = Course.objects.get(pk=walk.course.pk).version
    lab(walk, "CREATININE", value="5,2", unit="mg/dL")
    assert told(walk) == {"lymphodepletion:renal"}
    after = Course.objects.get(pk=walk.course.pk).version
    assert after == version + 1, "no reason of a page of before goes for it"
    lab(walk, "CREATININE", value="0,8", unit="mg/dL")
    assert check(walk, "lymphodepletion", "renal").status == "met"
    lab(walk, "EBV", result="positive")
    assert told(walk) == {"lymphodepletion:renal", "lymphodepletion:viral_pcr"}
    walk.certify(dose_total="7")
    assert told(walk, "dose_in_doubt") == {f"product:{walk.latest('product').pk}"}
    walk.until(-3)
    with pytest.raises(Refused) as refused:
        walk.give("lymphodepletion", 2)
    assert codes(refused.value) == {"chart_viral_pcr", "dose_off_weight"}
    assert {one.kind for one in refused.value.refusals} == {"soft"}
    why = dict.fromkeys(codes(refused.value), "decided with the meeting")
    dose = walk.give("lymphodepletion", 2, "haematologist", overrides=why)
    assert "decided with the meeting" in dose.deviation
    kept = check(walk, "lymphodepletion", "viral_pcr")
    assert (kept.status, kept.remark) == ("waived", "decided with the meeting")
    walk.now += timedelta(hours=1)
    with pytest.raises(Refused) as refused:
        walk.until(-2).give("lymphodepletion", 3)
    assert codes(refused.value) == {"dose_off_weight"}  # of the same result nobody asks twice
    lab(walk, "EBV", result="positive", value="90000", unit="[IU]/mL")
    lab(walk, "CMV", result="positive", value="9000", unit="[IU]/mL")
    with pytest.raises(Refused) as refused:
        walk.give("lymphodepletion", 3)
    found = [(one.code, str(one.params.get("what"))) for one in refused.value.refusals]
    assert {code for code, _what in found} == {"chart_viral_pcr", "dose_off_weight"}
    named = [what for code, what in found if code == "chart_viral_pcr"]
    assert [what.split()[0] for what in sorted(named)] == ["CMV", "EBV"], "each by its name"


@pytest.mark.walked("to_lymphodepletion", "deplete")
def test_an_infection_stops_the_thaw_until_it_is_recorded_anew(walk: Walk) -> None:
    walk.pass_gate("infusion")
    coli = InfectionFacts(walk.now.date(), "e_coli", "blood", 3)
    nurse = walk.by("ward_nurse")
    about: dict[str, Any] = {"course_id": walk.course.pk, "actor": nurse}
    row = record_infection(**about, infection=coli, now=walk.tick())
    assert told(walk) == {"infusion:infection"}
    assert check(walk, "infusion", "infection").status == "chart"
    with pytest.raises(Refused) as refused:
        walk.move("product", "thawing", "cell_lab")
    assert codes(refused.value) == {"chart_infection"}
    withdraw_infection(**about, infection_id=row.pk, reason="contaminant", now=walk.tick())
    assert check(walk, "infusion", "infection").status == "met"
    walk.now += timedelta(minutes=1)
    walk.move("product", "thawing", "cell_lab")


@pytest.mark.walked("to_bridging")
def test_a_dose_while_bridging_is_on_hold_is_asked_about(walk: Walk) -> None:
    walk.until(-27).open("bridging", drug="inotuzumab", drug_class="inotuzumab")
    walk.move("bridging", "running")
    walk.move("bridging", "on_hold", reason="fever")
    walk.order("bridging", DoseOrder("inotuzumab"))
    with pytest.raises(Refused) as refused:
        walk.give("bridging", 1)
    assert [(one.code, one.kind) for one in refused.value.refusals] == [
        ("bridging_on_hold", "soft")
    ]


@pytest.mark.walked("to_bridging", "make")
def test_what_comes_later_is_asked_also_where_it_is_worded_like_what_was_answered(
    walk: Walk,
) -> None:
    walk.until(-8).pass_gate("lymphodepletion")
    began, nurse = walk.now.date(), walk.by("ward_nurse")
    coli, epidermidis = (InfectionFacts(began, name, "blood", 3) for name in GERMS)
    about: dict[str, Any] = {"course_id": walk.course.pk, "actor": nurse}
    record_infection(**about, infection=coli, now=walk.tick())
    walk.until(-7).go("lymphodepletion", overrides={"chart_infection": "treated"})
    walk.until(-6).plan("infusion", DAY_ZERO)
    walk.open("lymphodepletion", regimen="Flu/Cy")
    record_infection(**about, infection=epidermidis, now=walk.tick())
    assert check(walk, "lymphodepletion", "infection").status == "chart"
    off = {"first_dose_off_day": "no bed"}
    walk.now = walk.at(-6, 18)
    with pytest.raises(Refused) as refused:
        walk.give("lymphodepletion", 1, "haematologist", overrides=off)
    assert codes(refused.value) == {"chart_infection"}
    both = off | {"chart_infection": "both treated"}
    walk.give("lymphodepletion", 1, "haematologist", overrides=both)
    third = InfectionFacts(began, "other", "blood", 3, other_organism="Rothia")
    record_infection(**about, infection=third, now=walk.tick())
    with pytest.raises(Refused) as refused:
        walk.give("lymphodepletion", 2, deviation="no bed")
    assert codes(refused.value) == {"chart_infection"}


@pytest.mark.walked("to_lymphodepletion")
def test_a_result_that_is_brought_back_comes_into_the_chart_then(walk: Walk) -> None:
    lab(walk, "EBV", result="positive")
    result = LabResult.objects.get(course=walk.course, analyte="EBV")
    mark = mark_fact(
        course_id=walk.course.pk, kind="lab", fact_id=result.pk, reason="another patient's",
        actor=walk.by("haematologist"), now=walk.tick(),
    )  # fmt: skip
    walk.pass_gate("lymphodepletion")
    assert check(walk, "lymphodepletion", "viral_pcr").status == "met"
    quality = walk.by("quality")
    bring_back(correction_id=mark.pk, reason="hers after all", actor=quality, now=walk.tick())
    assert check(walk, "lymphodepletion", "viral_pcr").status == "chart"
