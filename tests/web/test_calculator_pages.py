"""The pages of the calculators: open to everybody, the arithmetic shown, nothing stored."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import reverse
from rest_framework import serializers

from accounts.api_requests import StrictInput
from accounts.models import User
from audit.models import AuditEvent
from toxicity.calculators.forms import ScaleForm
from toxicity.calculators.labels import LABELS
from toxicity.calculators.lines import MOST_LINES, read_lines
from toxicity.calculators.scales import SCALES
from toxicity.calculators.tables import TABLES

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 12)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """No day of these tests lies in the future, and nobody has asked before."""
    cache.clear()
    with time_machine.travel(datetime(2026, 11, 12, 9, 30, tzinfo=UTC), tick=False):
        yield


def ask(scale: str, language: str = "en", **typed: Any) -> tuple[int, str]:
    """Status and visible text of the answer to somebody who is not signed in."""
    client = Client(headers={"accept-language": language})
    answer = client.post(reverse(f"calculator_{scale}"), typed)
    return answer.status_code, words(answer.content.decode())


def words(page: str) -> str:
    """The text of a page's main part, spaces made single."""
    main = page.partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def answer_of(text: str) -> str:
    """The part of a page before its form."""
    return text.partition(" Answer ")[2]


CALM = {"fever_other_cause": "false", "hypotension": "false", "vasopressors": "none_given",
        "o2_device": "none"}  # fmt: skip
OXYGEN = {"o2_device": "nasal_cannula", "o2_flow_lpm": "4,0"}
ICE = {f"ice_{name}": "1" for name in ("year", "month", "city", "hospital", "command", "sentence",
       "attention")}  # fmt: skip
WINDOW = {"infusion_date": "2026-03-01"}


def counts(*spans: tuple[int, int, str], rest: str = "1800", sign: str = "\t") -> str:
    """A count each day of March, as a spreadsheet gives them."""
    values = dict.fromkeys(range(31), rest)
    for first, last, value in spans:
        values |= dict.fromkeys(range(first, last + 1), value)
    return "\r\n".join(f"{day + 1:02}/03/2026{sign}{value}" for day, value in values.items())


@pytest.mark.parametrize(
    ("scale", "typed", "said"),
    [
        ("crs", {**CALM, "temp_c": "38,6", **OXYGEN},
         ["2 moderate temperature 38.6 °C + nasal oxygen 4 L/min → 2 Final"]),
        ("crs", {"temp_c": "38.0"}, ["1 mild", "Provisional",
         "Not known: whether the fever has another cause, hypotension, vasopressors, oxygen."]),
        ("crs", {}, ["– not gradeable", "This is not grade 0.", "Measure the temperature"]),
        ("crs", {**CALM, "temp_c": "37.9"}, ["0 absent temperature 37.9 °C, below 38.0 °C → 0"]),
        ("crs", {**CALM, "temp_c": "39", "vasopressors": ["norepinephrine", "vasopressin"]},
         ["3 severe", "1 vasopressor: norepinephrine, beside vasopressin"]),
        ("icans", {**ICE, "ice_naming": "0", "arousal": "spontaneous"},
         ["1 mild ICE 7/10 (7–9) → 1", "Not known: seizures, weakness"]),
        ("icans", {"age_years": "6", "capd": "9"}, ["3 severe CAPD 9 (9 and above) → 3"]),
        ("iec-hs", {"ferritin": "3536", "ferritin_uln": "300", "fibrinogen": "118"},
         ["Screen The laboratory fits IEC-HS; only a clinician diagnoses it. ferritin 3536 ng/mL"
          " > 2 × 300 = 600 (upper limit) fibrinogen 118 mg/dL < 150 IEC-HS – not gradeable"]),
        ("iec-hs", {"confirmed": "on", "intervention": "true"}, ["2 moderate", "Provisional"]),
        ("iec-hs", {"confirmed": "on", "over": "on"}, ["0 absent confirmed before"]),
        ("icaht", {**WINDOW, "series": counts((2, 8, "300"), (9, 10, "700"), (11, 17, "300"))},
         ["3 severe longest run at or below 500: 16 days, at or below 100: 0 days → 3",
          "Final: the window is over", "Late, day 31 to 100 – not gradeable",
          "Read as 31 values from 01-Mar-2026 to 31-Mar-2026, the lowest 300."]),
        ("icaht", {**WINDOW, "series": "01/03/2026 300\n\n02/03/2026;300"},
         ["1 mild", "Provisional: the window is not over"]),
        ("icaht", {**WINDOW, "as_of": "31/03/2026", "series": counts((2, 30, "300"))},
         ["4 life-threatening low from day 3 or before, and not recovered to the end → 4"]),
        ("icaht", {**WINDOW, "as_of": "30/06/2026", "series": "05/04/2026 90\n06/04/2026 1600"},
         ["lowest 90, second-lowest 1600 above 1500: transient → 0"]),
        ("icaht", {**WINDOW, "as_of": "30/06/2026", "series": "05/04/2026 90\n06/04/2026 1400"},
         ["lowest 90, second-lowest 1400 → 4"]),
        ("icaht", {**WINDOW, "series": "05/04/2026 90.5"},
         ["only value 90.5 → 4", "another one confirms it"]),
        ("t-icaht", {**WINDOW, "series": counts((5, 18, "15"), rest="150", sign=" ")},
         ["4 life-threatening below 50: 14 days, below 20: 14 days → 4"]),
        ("car-hematotox", {"plt": "74,9", "anc": "900", "hb": "8.2", "crp": "2.5",
                           "ferritin": "700"},
         ["5 high risk Platelets 74.9 ×10⁹/L → 2 Neutrophils 900 /µL → 1", "Final"]),
        ("car-hematotox", {"plt": "40"},
         ["2–7 high risk", "Not known: Neutrophils, Haemoglobin, CRP, Ferritin."]),
        ("car-hematotox", {}, ["0–7 low or high, as what is missing decides"]),
        ("easix", {"ldh": "600", "creatinine": "1.4", "plt": "40", "crp": "0"},
         ["21 LDH 600 × creatinine 1.4 / platelets 40 = 21 log2 = 4.39",
          "15 LDH 600 / platelets 40 = 15", "log2 is not defined"]),
        ("easix", {"ldh": "600", "plt": "0"}, ["no value Not computed", "Not known: creatinine."]),
        ("easix", {"ldh": "10", "plt": "3000", "crp": "61"},
         ["0.00333", "is this a value in mg/L"]),
        ("b-cell-aplasia", {"threshold": "20", "series": "01-Jan-2026 0\n02-Feb-2026 25\n"
                            "2026-03-01 30"},
         ["From 01-Jan-2026 to 02-Feb-2026, 32 days: then two samples were not below it."]),
        ("b-cell-aplasia", {"threshold": "20", "series": "2026-01-01T10:30 0\n2026-01-12 5"},
         ["From 01-Jan-2026 and ongoing at the last sample, 12-Jan-2026: more than 11 days.",
          "censored"]),
        ("b-cell-aplasia", {"threshold": "20", "series": "2026-01-01 20"},
         ["No value is below 20", "Read as 1 value"]),
    ],
)  # fmt: skip
def test_everybody_is_answered_with_the_arithmetic(
    scale: str, typed: dict[str, Any], said: list[str]
) -> None:
    status, text = ask(scale, **typed)
    assert status == 200
    for sentence in said:
        assert sentence in answer_of(text)
    assert "it never decides, orders or times treatment" in text
    assert SCALES[scale].rule_version in text
    assert SCALES[scale].source in text
    assert AuditEvent.objects.count() == 0


def test_in_italian_decimals_and_words_are_italian() -> None:
    typed = {**CALM, **OXYGEN, "temp_c": "38.6", "o2_flow_lpm": "6.5"}
    _status, text = ask("crs", "it", **typed)
    assert "3 grave temperatura 38,6 °C + ossigeno nasale 6,5 L/min, oltre 6 → 3 Definitivo" in text
    _status, text = ask("easix", "it", ldh="600", creatinine="1.4", plt="41")
    assert "LDH 600 × creatinina 1,4 / piastrine 41 = 20,49 log2 = 4,36" in text


def test_the_line_that_applies_is_marked_in_words() -> None:
    answer = Client().post(reverse("calculator_crs"), {**CALM, "temp_c": "38.6", **OXYGEN})
    [line] = re.findall(r'<tr class="applies" aria-current="true">(.*?)</tr>',
                        answer.content.decode(), re.DOTALL)  # fmt: skip
    assert " ".join(re.sub(r"<[^>]+>", " ", line).split()).startswith("2 applies with fever")
    assert "applies" not in ask("crs")[1].partition("As published")[2].replace("applies to", "")


@pytest.mark.parametrize(
    ("scale", "typed", "fault"),
    [
        ("crs", {"temp_c": "abc"}, "Highest temperature: “abc” is not a number."),
        ("crs", {"temp_c": "386"}, "This value cannot be: 30 to 45 can."),
        ("crs", {"temp_c": "1.234"}, "can be read in two ways"),
        ("crs", {"temp_c": "-38"}, "without a sign"),
        ("crs", {"temp_c": "NaN"}, "is not a number"),
        ("crs", {"temp_c": "1e999"}, "is not a number"),
        ("crs", {"temp_c": "٣٨"}, "is not a number"),
        ("crs", {"hypotension": "maybe"}, "maybe is not one of the available choices"),
        ("crs", {"o2_device": "snorkel"}, "snorkel is not one of the available choices"),
        ("crs", {"vasopressors": ["none_given", "dopamine"]}, "Either none is given, or one is."),
        ("crs", {"vasopressors": "coffee"}, "coffee is not one of the available choices"),
        ("icans", {"ice_total": "11"}, "less than or equal to 10"),
        ("icans", {"ice_total": "9,5"}, "Write a whole number"),
        ("icaht", {"series": "2026-03-01 300"}, "Day of the infusion: This field is required."),
        ("icaht", {**WINDOW}, "Neutrophils: This field is required."),
        ("icaht", {"infusion_date": "2026-11-13", "series": "2026-11-12 3"}, "in the future"),
        ("icaht", {"infusion_date": "03/2026", "series": "2026-11-12 3"}, "Give the day too."),
        ("icaht", {**WINDOW, "as_of": "01/02/2026", "series": "2026-03-02 3"},
         "Followed until: This is before the infusion."),
        ("b-cell-aplasia", {"series": "2026-03-01 3"}, "Aplasia is below: This field is required."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_and_nothing_is_graded(
    scale: str, typed: dict[str, Any], fault: str
) -> None:
    status, text = ask(scale, **typed)
    assert status == 422
    assert fault in text
    assert answer_of(text) == ""


def test_every_line_that_cannot_be_read_is_named_at_once() -> None:
    lines = ["day\tANC", "2026-03-01\t300", "01/03/26 300", "02/03/2026 1.234", "03/03/2026",
             "04/03/2026\t1 500", "05/03/2026\t300\tx", "03/2026 5"]  # fmt: skip
    _status, text = ask("icaht", **WINDOW, series="\n".join(lines))
    named = re.findall(r"Neutrophils: Line (\d): ", text)
    assert named == ["1", "3", "5", "7", "8"]
    _status, text = ask("icaht", **WINDOW, series="\n".join(lines[i] for i in (1, 3, 5)))
    assert re.findall(r"Neutrophils: Line (\d): (\S+ \S+)", text) == [
        ("2", "1.234 can"), ("3", "Write the"),
    ]  # fmt: skip
    _status, text = ask("icaht", **WINDOW, series="2026-03-01 300\n2026-12-01 300")
    assert "Neutrophils: Line 2: This lies in the future." in text


def test_no_more_lines_are_read_than_anybody_has() -> None:
    lines, faults = read_lines("2026-03-01 5\n" * (MOST_LINES + 2))
    assert len(lines) == MOST_LINES
    assert [fault.number for fault in faults] == [MOST_LINES + 1]


def test_a_series_without_values_has_no_grade() -> None:
    found = SCALES["icaht"].answer({"infusion_date": date(2026, 3, 1), "series": []})
    assert [one.grade for one in found.findings] == [None, None]
    assert found.read == ""


def test_what_was_typed_is_kept_and_nothing_is_preset() -> None:
    page = reverse("calculator_crs")
    fresh = Client().get(page).content.decode()
    checked = re.findall(r'<input type="radio" name="(\w+)" value="(\w*)"[^>]* checked', fresh)
    unsaid = ("fever_other_cause", "fever_masked", "hypotension", "ppv_reason")
    assert checked == [(name, "") for name in unsaid]
    assert 'type="checkbox"' in fresh
    assert not re.search(r'type="checkbox"[^>]* checked', fresh)
    again = Client().post(page, {"temp_c": "abc", "hypotension": "true"}).content.decode()
    assert 'value="abc"' in again
    assert re.search(r'name="hypotension" value="true"[^>]* checked', again)


def test_all_are_listed_and_the_one_without_its_table_says_why() -> None:
    page = Client().get(reverse("calculators")).content.decode()
    for code in SCALES:
        assert reverse(f"calculator_{code}") in page
    assert reverse("isbt_din") in page
    assert "until a centre loads the table of the paper" in words(page)
    assert reverse("calculators") in Client().get(reverse("about")).content.decode()
    assert Client().get("/calculators/all-hematotox/").status_code == 404


def test_every_input_has_its_words_and_stands_on_the_form_once() -> None:
    for code, scale in SCALES.items():
        shown = [name for part in scale.parts for name in part.names]
        assert sorted(shown) == sorted(scale.inputs().fields), code
        assert list(ScaleForm(None, scale.inputs, TODAY).fields) == list(scale.inputs().fields)
        keys = [row.key for table in TABLES[code] for row in table.rows]
        assert len(keys) == len(set(keys)), code
    used = {str(name) for scale in SCALES.values() for name in scale.inputs().fields} - {"series"}
    assert used == {name for name in LABELS if not name.startswith("series_")}
    assert TABLES.keys() == SCALES.keys()


class Curious(StrictInput):
    """An input of a kind that no form knows."""

    ldh = serializers.EmailField()


def test_an_input_of_a_new_kind_needs_its_field() -> None:
    with pytest.raises(TypeError, match="ldh"):
        ScaleForm(None, Curious, TODAY)


@override_settings(ACCOUNT_RATE_LIMITS={**settings.ACCOUNT_RATE_LIMITS, "calculator": "2/m/ip"})
def test_a_stranger_asks_only_so_often(coordinator: User) -> None:
    stranger, page = Client(), reverse("calculator_easix")
    statuses = [stranger.post(page, {"ldh": "600"}).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    refused = stranger.post(reverse("isbt_din"), {"din": "x"})
    assert refused.status_code == 429
    assert "what you typed is still in the form" in refused.content.decode()
    assert refused["Retry-After"] == "60"
    assert stranger.get(page).status_code == 200
    known = Client()
    known.force_login(coordinator)
    assert known.post(page, {"ldh": "600"}).status_code == 200


def test_a_form_from_elsewhere_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(reverse("calculator_crs"), {}).status_code == 403
