"""Grades in words: the facts with their arithmetic, what is not known, in both languages."""

from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from toxicity.domain import crs, icans
from toxicity.domain.crs import CrsSigns, grade_crs
from toxicity.domain.grading import Status
from toxicity.domain.icans import IcansSigns, IceItems, grade_icans
from toxicity.domain.iec_hs import IecHsSigns, Screen, grade_iec_hs
from toxicity.wording import (
    because,
    driver_words,
    grade_words,
    status_words,
    unknown_words,
    warning_words,
)
from toxicity.wording.choices import CHOICES
from toxicity.wording.iec_hs_words import criteria_words, screen_words
from toxicity.wording.numbers import number_text

CALM: dict[str, Any] = {
    "fever_other_cause": False, "hypotension": False, "vasopressors": frozenset(),
    "o2_device": "none",
}  # fmt: skip
AWAKE: dict[str, Any] = {
    "arousal": "spontaneous", "seizure": "none", "deep_motor_weakness": False, "icp": "none",
}  # fmt: skip


def fever(temp: str = "38.6", **more: Any) -> CrsSigns:
    """Signs of a febrile patient of whom all else is calm."""
    return CrsSigns(Decimal(temp), **{**CALM, **more})


def nasal(flow: str | None) -> dict[str, Any]:
    """Nasal oxygen at a flow."""
    return {"o2_device": "nasal_cannula", "o2_flow_lpm": None if flow is None else Decimal(flow)}


@pytest.mark.parametrize(
    ("signs", "said"),
    [
        (fever(), "because temperature 38.6 °C → 1"),
        (fever("38.00"), "because temperature 38.0 °C → 1"),
        (fever(**nasal("4.0")), "because temperature 38.6 °C + nasal oxygen 4 L/min → 2"),
        (fever(**nasal("6.5")),
         "because temperature 38.6 °C + nasal oxygen 6.5 L/min, above 6 → 3"),
        (fever(**nasal(None)), "because temperature 38.6 °C + nasal oxygen, flow not known → 2"),
        (fever(o2_device="facemask"), "because temperature 38.6 °C + face mask → 3"),
        (fever(o2_device="bipap", ppv_reason="hypoxia"),
         "because temperature 38.6 °C + BiPAP for hypoxia → 4"),
        (fever(o2_device="bipap"), "because temperature 38.6 °C + BiPAP, why is not known → 4"),
        (fever(o2_device="mech_vent", ppv_reason="airway_protection"),
         "because temperature 38.6 °C + ventilated to protect the airway, not counted"
         " → 1"),
        (fever(o2_device="nasal_cannula", o2_is_baseline=True),
         "because temperature 38.6 °C + usual oxygen unchanged, not counted → 1"),
        (fever(hypotension=True),
         "because temperature 38.6 °C + hypotension without vasopressors → 2"),
        (fever(hypotension=True, vasopressors=None),
         "because temperature 38.6 °C + hypotension, vasopressors not known → 2"),
        (fever(hypotension=True, vasopressors=frozenset({"vasopressin"})),
         "because temperature 38.6 °C + vasopressin alone → 3"),
        (fever(hypotension=True, vasopressors=frozenset({"vasopressin", "norepinephrine"})),
         "because temperature 38.6 °C + 1 vasopressor: norepinephrine, beside vasopressin → 3"),
        (fever(hypotension=True, vasopressors=frozenset({"dopamine", "norepinephrine"})),
         "because temperature 38.6 °C + 2 vasopressors: dopamine, norepinephrine → 4"),
        (fever("36.9"), "because temperature 36.9 °C, below 38.0 °C → 0"),
        (fever(fever_other_cause=True), "because temperature 38.6 °C, of another cause → 0"),
        (fever("36.9", crs_established=True, fever_masked=True, **nasal("2")),
         "because temperature 36.9 °C, below 38.0 °C + CRS established, fever masked by treatment"
         " + nasal oxygen 2 L/min → 2"),
        (CrsSigns(crs_established=True, fever_masked=True, hypotension=True),
         "because temperature not known + CRS established, fever masked by treatment + hypotension,"
         " vasopressors not known → 2"),
        (fever("36.9", crs_established=True, fever_masked=None, **nasal("2")),
         "because temperature 36.9 °C, below 38.0 °C + CRS established, whether a drug hides the"
         " fever is not known + nasal oxygen 2 L/min → 2"),
        (CrsSigns(death_due_to_crs=True), "because death due to CRS → 5"),
        (CrsSigns(Decimal("38"), **{**CALM, "fever_other_cause": None}),
         "because temperature 38.0 °C → 1"),
        (CrsSigns(), "not known: temperature, hypotension, vasopressors, oxygen"),
    ],
)  # fmt: skip
def test_a_crs_grade_says_why(signs: CrsSigns, said: str) -> None:
    assert because(grade_crs(signs), signs) == said


@pytest.mark.parametrize(
    ("signs", "said"),
    [
        (IcansSigns(ice_total=6, **AWAKE), "because ICE 6/10 (3–6) → 2"),
        (IcansSigns(ice_total=0, **AWAKE), "because ICE 0/10 (0–2) → 3"),
        (IcansSigns(ice_total=0, **AWAKE | {"arousal": "vigorous_or_unarousable"}),
         "because ICE 0/10 and unarousable + needs vigorous stimuli, or is unarousable → 4"),
        (IcansSigns(ice_not_done_reason="unarousable", **AWAKE),
         "because ICE not possible: unarousable → 4"),
        (IcansSigns(ice=IceItems(1, 1, 0, 0, 0, 0, 0), **AWAKE),
         "because ICE 2 to 5 of 10 (3–6) → 2"),
        (IcansSigns(ice_total=9, **AWAKE | {"deep_motor_weakness": True}),
         "because deep focal weakness → 4"),
        (IcansSigns(ice_total=3, **AWAKE | {"seizure": "resolving"}),
         "because brief seizure, or one in the EEG that resolved → 3"),
        (IcansSigns(ice_total=8, sedated=True, **AWAKE),
         "because ICE 8/10 (7–9) + sedated: arousal is not counted → 1"),
        (IcansSigns(ice_total=10, **AWAKE),
         "because ICE 10/10 + awakens spontaneously + no seizure + no deep weakness + no oedema"
         " → 0"),
        (IcansSigns(age_years=6, capd=12, **AWAKE), "because CAPD 12 (9 and above) → 3"),
        (IcansSigns(age_years=6, capd=8, **AWAKE), "because CAPD 8 (below 9) → 1"),
        (IcansSigns(age_years=6, capd=8, **AWAKE | {"arousal": "voice"}),
         "because CAPD 8 (below 9) + awakens to voice → 2"),
        (IcansSigns(death_due_to_icans=True), "because death due to ICANS → 5"),
        (IcansSigns(),
         "not known: ICE, arousal, seizures, weakness, raised intracranial pressure"),
        (IcansSigns(age_years=6, sedated=True, seizure="none", deep_motor_weakness=False,
                    intracranial_haemorrhage=True), "not known: CAPD"),
        (IcansSigns(ice=IceItems(1, 1), **AWAKE), "not known: some items of ICE"),
    ],
)  # fmt: skip
def test_an_icans_grade_says_why(signs: IcansSigns, said: str) -> None:
    assert because(grade_icans(signs), signs) == said


SEDATED = IcansSigns(
    age_years=6, sedated=True, seizure="none", deep_motor_weakness=False, icp="none"
)


@pytest.mark.parametrize(
    ("signs", "unknown"),
    [
        (replace(SEDATED, capd=0), ("arousal",)),
        (replace(SEDATED, capd=9), ()),
        (replace(SEDATED, ice_not_done_reason="unarousable"), ("arousal without sedation",)),
    ],
)
def test_a_doubt_that_sedation_leaves_is_named(signs: IcansSigns, unknown: tuple[str, ...]) -> None:
    found = grade_icans(signs)
    assert unknown_words(found, signs) == unknown
    assert (found.status is Status.FINAL) == (not unknown)


def test_what_was_looked_at_is_said_also_without_a_grade() -> None:
    signs = IcansSigns(ice_not_done_reason="sedated", sedated=True, seizure="none")
    assert driver_words(grade_icans(signs), signs) == (
        "ICE not done: sedated", "sedated: arousal is not counted", "no seizure",
    )  # fmt: skip
    bare = IcansSigns(ice_total=10, arousal="spontaneous")
    assert because(grade_icans(bare), bare) == "because ICE 10/10 + awakens spontaneously → 0"
    motor = IcansSigns(deep_motor_weakness=False, icp="none")
    assert driver_words(grade_icans(motor), motor) == ("no deep weakness", "no oedema")


def iec_hs(**given: Any) -> IecHsSigns:
    """Results and judgements; text becomes an exact number."""
    values: dict[str, Any] = {k: Decimal(v) if isinstance(v, str) else v for k, v in given.items()}
    return IecHsSigns(**values)


def test_iec_hs_shows_each_limit_with_its_arithmetic() -> None:
    signs = iec_hs(
        ferritin="3536", ferritin_uln="300", ferritin_baseline="1800", ferritin_rapid_rise=True,
        ast="201", ast_uln="40", ast_baseline="39", alt="150", alt_uln="40", alt_baseline="41",
        fibrinogen="118", cytopenia_g4_new=True, hemophagocytosis=True,
        confirmed=True, intervention=True, severe=False,
    )  # fmt: skip
    found = grade_iec_hs(signs).grading
    assert because(found, signs) == "because treatment for IEC-HS is indicated → 2"
    assert criteria_words(signs) == (
        "ferritin rising rapidly",
        "ferritin 3536 ng/mL > 2 × 300 = 600 (upper limit)",
        "ferritin 3536 ng/mL ≤ 2 × 1800 = 3600 (value at infusion)",
        "AST 201 U/L > 5 × 40 = 200 (upper limit)",
        "ALT 150 U/L ≤ 5 × 41 = 205 (value at infusion)",
        "fibrinogen 118 mg/dL < 150",
        "new or worsening cytopenia of grade 4",
        "haemophagocytosis",
    )
    assert unknown_words(found, signs) == ("death", "whether it is life-threatening")
    over = iec_hs(confirmed=True, over=True)
    assert because(grade_iec_hs(over).grading, over) == (
        "because confirmed before, and a clinician sees nothing of it now → 0"
    )
    local = iec_hs(fibrinogen="150", fibrinogen_lln="180")
    assert criteria_words(local) == ("fibrinogen 150 mg/dL < 180",)
    calm = iec_hs(fibrinogen="150")
    assert criteria_words(calm) == ("fibrinogen 150 mg/dL ≥ 150",)
    assert because(grade_iec_hs(calm).grading, calm) == "not known: confirmation by a clinician"


@pytest.mark.parametrize(
    ("given", "unknown"),
    [
        ({}, ("death", "whether it is life-threatening", "whether it is severe",
              "whether treatment is indicated")),
        ({"death": True}, ()),
        ({"death": False, "life_threatening": False, "severe": False, "intervention": False}, ()),
    ],
)  # fmt: skip
def test_iec_hs_says_what_could_make_it_worse(given: Any, unknown: tuple[str, ...]) -> None:
    signs = IecHsSigns(confirmed=True, **given)
    assert unknown_words(grade_iec_hs(signs).grading, signs) == unknown


@pytest.mark.parametrize(
    ("signs", "unknown"),
    [
        (fever(fever_other_cause=None), ("whether the fever has another cause",)),
        (fever(**nasal(None)), ("flow of oxygen",)),
        (fever(o2_device="cpap"), ("whether hypoxia is why the patient is ventilated",)),
        (fever(o2_device="none", o2_flow_lpm=Decimal(3)), ("through what oxygen flows",)),
        (fever(o2_device=None, o2_is_baseline=True, hypotension=None), ("hypotension",)),
        (fever(hypotension=True, vasopressors=None, o2_device=None), ("vasopressors", "oxygen")),
        (fever("37.9"), ()),
        (IcansSigns(ice_total=9, arousal="spontaneous"),
         ("seizures", "weakness", "raised intracranial pressure")),
        (IcansSigns(ice_total=9, sedated=True, seizure="none", intracranial_haemorrhage=True),
         ("weakness",)),
    ],
)  # fmt: skip
def test_what_is_not_known_is_named(signs: CrsSigns | IcansSigns, unknown: tuple[str, ...]) -> None:
    found = grade_crs(signs) if isinstance(signs, CrsSigns) else grade_icans(signs)
    assert unknown_words(found, signs) == unknown


def test_words_follow_the_language() -> None:
    signs = fever(**nasal("6.5"))
    with translation.override("it"):
        assert because(grade_crs(signs), signs) == (
            "perché temperatura 38,6 °C + ossigeno nasale 6,5 L/min, oltre 6 → 3"
        )
        assert grade_words(3) == "grave"
        assert screen_words(Screen.NOT_ASSESSABLE).endswith("Non è uno screening negativo.")
        [warning] = warning_words(grade_crs(CrsSigns()).warnings)
        assert warning == "Misurare la temperatura: la CRS comincia con la febbre."
    assert grade_words(None) == "not gradeable"
    assert status_words(grade_crs(CrsSigns())).endswith("This is not grade 0.")


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [("37.95", 1, "37.95"), ("38", 1, "38.0"), ("6.50", 0, "6.5"), ("1500", 0, "1500"),
     ("0.000", 0, "0")],
)  # fmt: skip
def test_numbers_are_shown_as_given(value: str, places: int, text: str) -> None:
    assert number_text(Decimal(value), places) == text


def test_every_word_of_the_scales_has_its_words() -> None:
    lists = {
        "vasopressors": crs.VASOPRESSORS, "o2_device": crs.DEVICES, "ppv_reason": crs.PPV_REASONS,
        "ice_not_done_reason": icans.NOT_DONE, "arousal": icans.AROUSAL,
        "seizure": icans.SEIZURE, "icp": icans.ICP,
    }  # fmt: skip
    assert {field: set(words) for field, words in CHOICES.items()} == {
        field: set(words) for field, words in lists.items()
    }


tri = st.none() | st.booleans()
all_crs = st.builds(
    CrsSigns,
    temp_c=st.none() | st.decimals("35", "42", places=1),
    fever_other_cause=tri,
    crs_established=st.booleans(),
    fever_masked=st.none() | st.booleans(),
    hypotension=tri,
    vasopressors=st.none() | st.frozensets(st.sampled_from(crs.VASOPRESSORS), max_size=3),
    o2_device=st.none() | st.sampled_from(crs.DEVICES),
    o2_flow_lpm=st.none() | st.decimals("0", "20", places=1),
    o2_is_baseline=st.booleans(),
    ppv_reason=st.none() | st.sampled_from(crs.PPV_REASONS),
    death_due_to_crs=st.booleans(),
)
item = st.none() | st.integers(0, 1)
all_icans = st.builds(
    IcansSigns,
    ice=st.builds(IceItems, **{one.name: item for one in fields(IceItems)}),
    ice_total=st.none() | st.integers(0, 10),
    ice_not_done_reason=st.none() | st.sampled_from(icans.NOT_DONE),
    arousal=st.none() | st.sampled_from(sorted(icans.AROUSAL)),
    sedated=st.booleans(),
    seizure=st.none() | st.sampled_from(sorted(icans.SEIZURE)),
    deep_motor_weakness=tri,
    icp=st.none() | st.sampled_from(sorted(icans.ICP)),
    intracranial_haemorrhage=st.booleans(),
    death_due_to_icans=st.booleans(),
    age_years=st.none() | st.integers(0, 20),
    capd=st.none() | st.integers(0, 32),
)
all_iec_hs = st.builds(
    IecHsSigns, confirmed=st.booleans(), over=st.booleans(), intervention=tri, severe=tri,
    life_threatening=tri, death=tri,
)  # fmt: skip


@given(signs=st.one_of(all_crs, all_icans, all_iec_hs))
def test_a_grade_has_its_facts_and_a_doubt_its_reason(signs: Any) -> None:
    if isinstance(signs, CrsSigns):
        found = grade_crs(signs)
    elif isinstance(signs, IcansSigns):
        found = grade_icans(signs)
    else:
        found = grade_iec_hs(signs).grading
    said = because(found, signs)
    assert said
    assert "%(" not in said
    if found.grade is not None:
        assert driver_words(found, signs)
    assert bool(unknown_words(found, signs)) == (found.status is not Status.FINAL)
