"""Reading protocol files: every fault named by file and dotted key, the shipped file sound."""

import copy
import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pathway.domain import rules
from pathway.domain.rules import PathwayRules
from pathway.domain.spine import Stage
from patients.domain import delays
from patients.domain.delays import ConsentKinds, DelayReasons
from protocol.domain.loading import ParsedProtocol, ProtocolInvalid, digest, parse, read_data
from protocol.domain.reading import ProtocolProblem, Setting, TableReader
from reminders.domain.items import Schedule, read_span
from reminders.domain.levels import Span, SpanUnit
from terms.words import Bilingual
from tests.domain.shipped import PARSERS

FILE = "protocols/brexucel-adult-all.toml"
SHIPPED = (Path(__file__).parents[2] / FILE).read_bytes()
FILES = sorted((Path(__file__).parents[2] / "protocols").glob("*.toml"))
DATA: dict[str, Any] = tomllib.loads(SHIPPED.decode())


@pytest.fixture(scope="module")
def shipped() -> ParsedProtocol:
    return parse(SHIPPED, FILE, PARSERS)


def said(data: dict[str, Any]) -> list[str]:
    """What loading `data` complains of; empty when it is sound."""
    try:
        read_data(data, "file.toml", PARSERS)
    except ProtocolInvalid as invalid:
        return [str(problem) for problem in invalid.problems]
    return []


def changed(dotted_key: str, value: object) -> dict[str, Any]:
    """The shipped data with one key set, or taken out when `value` is None."""
    data = copy.deepcopy(DATA)
    *path, last = dotted_key.split(".")
    table: Any = data
    for key in path:
        table = table[int(key) if key.isdigit() else key]
    if value is None:
        del table[last]
    else:
        table[last] = value
    return data


def setting(value: object) -> dict[str, object]:
    return {"value": value, "source": "Programme default", "confirmed": False}


def test_the_shipped_protocol_is_sound(shipped: ParsedProtocol) -> None:
    assert (shipped.meta.code, shipped.meta.version) == ("brexucel-adult-all", 1)
    assert set(shipped.sections) == set(PARSERS)


def test_the_shipped_rules_are_those_of_the_sources(shipped: ParsedProtocol) -> None:
    found = PathwayRules.of(shipped)
    assert found.minimum_age == Setting(26, "SmPC: adults of 26 years and over", confirmed=True)
    assert found.depletion_to_infusion_days == (2, 14)
    assert found.follow_up_years.value == 15
    assert found.apheresis.cd3_minimum.value == Decimal("0.6")
    assert found.washout_days("chemotherapy") == 14
    assert found.washout_days("aspirin") is None
    assert found.bridging_washout_days("inotuzumab") == 14
    assert found.bridging_washout_days("tki") is None
    assert found.target_days("bridging") == 28
    assert found.target_days("follow_up") is None
    regimen = found.lymphodepletion
    assert [(drug.drug, drug.dose_mg_per_m2.value, drug.days.value) for drug in regimen.drugs] == [
        ("fludarabine", 25, (-4, -3, -2)),
        ("cyclophosphamide", 900, (-2,)),
    ]
    assert (regimen.first_day, regimen.last_day) == (-4, -2)


def test_every_washout_warns_and_none_blocks(shipped: ParsedProtocol) -> None:
    washouts = PathwayRules.of(shipped).washouts.by_class
    assert len(washouts) == 14
    assert {washout.severity.value for washout in washouts.values()} == {"warn"}


def test_the_delay_reasons_come_side_by_side_in_both_languages(shipped: ParsedProtocol) -> None:
    reasons = shipped.section("delay_reasons", DelayReasons).by_code
    assert len(reasons) == 42
    sides = [reason.side.value for reason in reasons.values()]
    assert list(dict.fromkeys(sides)) == list(delays.SIDES)
    assert reasons["VIRAL_REACTIVATION_EBV"].label.in_language("it") == "Riattivazione di EBV"
    assert reasons["PERSONAL"].label.in_language("en-gb") == "Personal reasons"


def test_both_consents_are_required(shipped: ParsedProtocol) -> None:
    assert shipped.section("consents", ConsentKinds).required == ("assessment", "data")


def test_the_marrow_item_is_monthly_then_three_monthly(shipped: ParsedProtocol) -> None:
    marrow = shipped.section("schedule", Schedule).item("MARROW")
    assert marrow.first_offset.value == Span(28, SpanUnit.DAYS)
    assert [(phase.every.value.count, phase.until.value.count) for phase in marrow.phases] == [
        (1, 12),
        (3, 24),
    ]
    with pytest.raises(KeyError):
        shipped.section("schedule", Schedule).item("NOPE")


def _settings(found: object) -> list[dict[str, Any]]:
    if isinstance(found, list):
        return [setting for one in found for setting in _settings(one)]
    if not isinstance(found, dict):
        return []
    if "confirmed" in found:
        return [found]
    return [setting for one in found.values() for setting in _settings(one)]


def offsets(*spans: str) -> list[dict[str, object]]:
    """Further offsets of an item as the file has them."""
    return [{"offset": setting(span)} for span in spans]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_programme_default_is_never_marked_confirmed(file: Path) -> None:
    settings = _settings(tomllib.loads(file.read_text(encoding="utf-8")))
    assert len(settings) > 80
    for one in settings:
        assert not (one["confirmed"] and one["source"].startswith("Programme default")), one
        assert not one["source"].endswith((".md", ".json")), one


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_shipped_protocol_is_sound_and_named_like_its_file(file: Path) -> None:
    parsed = parse(file.read_bytes(), file.name, PARSERS)
    assert parsed.meta.code == file.stem


def test_a_maximum_age_below_the_minimum_is_a_fault() -> None:
    problems = said(changed("eligibility.maximum_age", setting(25)))
    assert problems == ["file.toml: eligibility.maximum_age: must not be below minimum_age"]


def test_every_stage_with_a_target_is_a_stage_of_the_journey() -> None:
    assert set(rules.STAGES_WITH_TARGET) <= {stage.value for stage in Stage}


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (
            "stages.bridging.target_days",
            setting(366),
            "stages.bridging.target_days: must be a whole number from 0 to 365",
        ),
        ("stages.bridging.target_days", setting(2.5), "must be a whole number from 0 to 365"),
        ("stages.bridging.target_days", setting(True), "must be a whole number from 0 to 365"),
        ("stages.bridging.target_days", 28, "must be a table { value = "),
        ("stages.bridging", None, "stages.bridging: is missing"),
        ("stages.follow_up", {}, "stages.follow_up: is not a known key"),
        ("stages.bridging.target_days.source", None, "target_days.source: must say where"),
        ("stages.bridging.target_days.source", " ", "target_days.source: must say where"),
        ("stages.bridging.target_days.confirmed", "no", "confirmed: must be true or false"),
        ("stages.bridging.target_days.value", None, "stages.bridging.target_days.value: is miss"),
        ("stages.bridging.target_days.sorce", "x", "target_days.sorce: is not a known key"),
        ("washouts.tki.severity", setting("stop"), "severity: must be one of warn, block"),
        ("washouts.tki.label", {"en": "TKI"}, "washouts.tki.label.it: is missing"),
        ("washouts.tki.label", None, "washouts.tki.label: is missing"),
        ("washouts.tki", "three days", "washouts.tki: must be a table"),
        ("apheresis.cd3_minimum", setting("0.6"), "cd3_minimum: must be a number from 0 to 100"),
        ("apheresis.cd3_minimum", setting(float("nan")), "must be a number from 0 to 100"),
        ("apheresis.cd3_target", setting(0.5), "cd3_target: must not be below cd3_minimum"),
        ("intervals.ld_end_to_infusion_max", setting(1), "must not be below ld_end_to_infusion"),
        ("lymphodepletion", {}, "lymphodepletion: must name at least one drug"),
        ("lymphodepletion.fludarabine.days", setting([0]), "whole number from -30 to -1"),
        ("lymphodepletion.fludarabine.days", setting([]), "must be a list of whole numbers"),
        ("consents.data.required", setting("yes"), "consents.data.required: must be true or fal"),
        ("consents", {}, "consents: must not be empty"),
        ("delay_reasons.OOS", None, "delay_reasons.OOS: must be there: the software opens holds"),
        ("delay_reasons.bed", {}, "delay_reasons.bed: is not a code such as [A-Z]"),
        ("schedule.MARROW.first_offset", setting("28"), "must be such as 28 days or 3 months"),
        ("schedule.MARROW.first_offset", setting(28), "must be such as 28 days or 3 months"),
        ("schedule.MARROW.phases", [], "phases: must be a list of tables"),
        ("schedule.MARROW.phases", "monthly", "phases: must be a list of tables"),
        ("schedule.MARROW.phases.0.every", setting("0 months"), "phases[0].every: must be at lea"),
        ("schedule.MARROW.phases.0.until", setting("90 days"), "phases[0].until: must be in the "),
        ("schedule.MARROW.phases.1.until", setting("6 months"), "phases[1].until: must be later"),
        ("schedule.MARROW.role", setting("janitor"), "schedule.MARROW.role: must be one of coor"),
        ("schedule.MARROW.kind", setting("sometimes"), "kind: must be one of dated, period"),
        ("schedule.ANTIVIRAL.review", None, "ANTIVIRAL.review: is needed where the end waits"),
        ("schedule.ANTIVIRAL.ends", None, "schedule.ANTIVIRAL.ends: is missing"),
        ("schedule.BACT_PROPH.trigger", None, "schedule.BACT_PROPH.trigger: is missing"),
        (
            "schedule.BACT_PROPH.low.analyte",
            setting("WBC"),
            "low.analyte: must be one of ANC, BCR_ABL, CD19",
        ),
        ("schedule.IGG.stop.samples", setting(0), "stop.samples: must be a whole number from 1"),
        ("schedule.IGG.stop.apart", setting("often"), "stop.apart: must be such as 28 days or 3"),
        ("schedule.CBC_OUT.kept_until", setting("98"), "kept_until: must be such as 28 days or"),
        ("schedule.IGG.stop.above", None, "schedule.IGG.stop.above: is missing"),
        ("schedule.MARROW.not_after", [], "not_after: must be a list of tables"),
        ("schedule.MARROW.not_after.0.anchor", setting("birth"), "anchor: must be one of enrolm"),
        ("schedule.IRRAD.ends_from", setting("birth"), "ends_from: must be one of enrolment"),
        ("schedule.GCSF.earliest", setting("2"), "earliest: must be such as 28 days or 3 months"),
        ("schedule.IRAE.weight", setting("heavy"), "weight: must be one of major, minor"),
        ("schedule.IGG.only_if", setting("rich"), "only_if: must be one of ph_positive"),
        ("schedule.IGG.answered_by", setting(["lab WBC"]), "answered_by: must be a list of marrow"),
        ("schedule.IMG90.answered_by", setting(["ct", "echo"]), "answered_by: must be a list of"),
        ("schedule.IMG90.answered_by", setting("ct"), "answered_by: must be a list of marrow"),
        ("schedule.IMG90.answered_by", setting([]), "answered_by: must be a list of marrow"),
        ("schedule.IMG90.answered_by", setting([["ct"]]), "answered_by: must be a list of mar"),
        ("schedule.MARROW.further", offsets("60 days", "9 days"), "further: must grow"),
        ("schedule.MARROW.further", offsets("60 days", "9 months"), "further: must grow"),
        ("toxicity.flowsheet.rows", setting("crs icans"), "rows: must name every row of the flow"),
        ("toxicity.flowsheet.joined_days.CRP", setting(0), "CRP: must be a whole number from 1"),
        ("meta.version", 0, "meta.version: must be a whole number from 1 to 9999"),
        ("meta.version", None, "meta.version: is missing"),
        ("meta.code", "", "meta.code: must be one line of text, not blank"),
        ("meta.code", "x" * 61, "meta.code: must not be longer than 60 characters"),
        ("meta.product", "brexu\x00cel", "meta.product: must be one line of text"),
        ("meta.title.it", "x" * 201, "meta.title.it: must not be longer than 200 characters"),
        ("stages.bridging.target_days.source", "a\nb", "target_days.source: must say where"),
        ("washouts.TKI", {}, "washouts.TKI: is not a code such as [a-z]"),
        ("intervals.bridging_last_dose_to_ld.a-b", setting(1), "a-b: is not a code such as"),
        ("meta", None, "meta: is missing"),
        ("washouts", None, "washouts: is missing"),
        ("wahsouts", {}, "wahsouts: is not a known key"),
    ],
)
def test_a_fault_is_named_by_file_and_dotted_key(key: str, value: object, message: str) -> None:
    problems = said(changed(key, value))
    assert any(message in problem for problem in problems), problems
    assert all(problem.startswith("file.toml: ") for problem in problems)


def test_every_fault_is_named_at_once() -> None:
    data = changed("stages.bridging.target_days", setting(-1))
    data["washouts"]["tki"]["min_days"] = setting("three")
    data["eligibility"] = {}
    assert said(data) == [
        "file.toml: stages.bridging.target_days: must be a whole number from 0 to 365",
        "file.toml: eligibility.minimum_age: is missing",
        "file.toml: washouts.tki.min_days: must be a whole number from 0 to 730",
    ]


def test_further_offsets_of_an_item_are_read_in_their_order() -> None:
    data = changed("schedule.MARROW.further", offsets("60 days", "90 days"))
    marrow = read_data(data, "file.toml", PARSERS).section("schedule", Schedule).item("MARROW")
    assert [one.value.count for one in marrow.further] == [60, 90]


def test_no_item_takes_the_code_of_what_people_ask_for() -> None:
    with pytest.raises(ProtocolInvalid) as caught:
        read_data(changed("schedule.TASK", {}), "file.toml", PARSERS)
    assert "file.toml: schedule.TASK: is the code of what people ask for by hand" in [
        str(problem) for problem in caught.value.problems
    ]


def test_an_item_without_phases_is_due_once() -> None:
    found = read_data(changed("schedule.MARROW.phases", None), "file.toml", PARSERS)
    assert found.section("schedule", Schedule).item("MARROW").phases == ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[meta\n", "file.toml: is not valid TOML: "),
        (b"\xff\xfe", "file.toml: is not UTF-8 text"),
        (b"a = " + b"[" * 100_000, "file.toml: is not valid TOML: "),
        (b"", "file.toml: meta: is missing"),
    ],
)
def test_a_file_that_is_no_protocol_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(ProtocolInvalid) as caught:
        parse(content, "file.toml", PARSERS)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("28 days", Span(28, SpanUnit.DAYS)),
        ("1 month", Span(1, SpanUnit.MONTHS)),
        ("-7 days", Span(-7, SpanUnit.DAYS)),
    ],
)
def test_a_span_is_read_in_days_or_months(text: str, span: Span) -> None:
    assert read_span(text) == span


@pytest.mark.parametrize(
    "text", ["", "28", "28 weeks", "1.5 months", "months", "28 days ", "٣ days"]
)
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\A" + re.escape(text) + r"\Z"):
        read_span(text)


def test_a_section_asked_for_as_another_kind_is_refused(shipped: ParsedProtocol) -> None:
    with pytest.raises(TypeError, match="Schedule"):
        shipped.section("stages", Schedule)
    with pytest.raises(KeyError):
        shipped.section("nope", Schedule)


def test_a_key_read_as_the_wrong_kind_of_text_is_noted() -> None:
    problems: list[ProtocolProblem] = []
    reader = TableReader({"title": 3}, "file.toml", "meta", problems)
    assert reader.text("title") == ""
    assert reader.bilingual("title") == Bilingual("", "")
    assert str(problems[0]) == "file.toml: meta.title: must be text"


def test_the_digest_changes_with_any_byte() -> None:
    assert digest(SHIPPED) != digest(SHIPPED + b"\n")
    assert len(digest(SHIPPED)) == 64
