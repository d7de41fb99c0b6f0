"""The calculators of the scales: the vectors through the API, and that no input gives a false 0."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from audit.models import AuditEvent

SCALES = (
    "crs", "icans", "iec-hs", "icaht", "t-icaht", "car-hematotox", "easix", "b-cell-aplasia",
)  # fmt: skip
ZERO = "2026-03-01"


def ask(api: APIClient, scale: str, body: Any) -> tuple[int, dict[str, Any]]:
    """Status and answer of a calculator."""
    answer = api.post(f"/api/v1/calculators/{scale}/", body, "json")
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    ("scale", "body", "answer"),
    [
        ("crs", {"temp_c": 38.0}, {"grade": 1, "status": "provisional"}),
        ("crs", {"temp_c": "37,9"}, {"grade": 0, "status": "final"}),
        ("crs", {}, {"grade": None, "status": "not_gradeable"}),
        ("crs", {"temp_c": 38.6, "o2_device": "nasal_cannula", "o2_flow_lpm": 6}, {"grade": 2}),
        ("crs", {"temp_c": 38.2, "vasopressors": ["norepinephrine", "vasopressin"]}, {"grade": 3}),
        ("icans", {"ice_total": 10, "arousal": "spontaneous"}, {"grade": 0}),
        ("icans", {f"ice_{name}": 1 for name in ("year", "month", "city", "hospital", "command",
          "sentence", "attention")} | {"ice_naming": 2}, {"grade": 1}),
        ("icans", {"capd": 9, "age_years": 6}, {"grade": 3}),
        ("iec-hs", {"ferritin": 3536, "ferritin_uln": 300, "fibrinogen": 118, "confirmed": True,
          "intervention": True}, {"grade": 2, "screen": "suspected"}),
        ("iec-hs", {"ferritin": 600, "ferritin_uln": 300, "fibrinogen": 100},
          {"grade": None, "screen": "not_met"}),
        ("car-hematotox", {"plt": 74.9, "anc": 900, "hb": 8.2, "crp": 2.5, "ferritin": 700},
          {"score": 5, "category": "high", "minimum": 5, "maximum": 5}),
        ("car-hematotox", {"plt": 40},
          {"score": None, "category": "high", "status": "provisional"}),
        ("easix", {"ldh": 600, "creatinine": 1.4, "plt": 40, "crp": 12},
          {"easix": 21.0, "s_easix": 15.0, "m_easix": 180.0, "status": "final"}),
        ("easix", {"ldh": 600}, {"easix": None, "s_easix": None, "m_easix": None}),
        ("b-cell-aplasia", {"threshold": 20, "series": [
            {"at": "2026-01-01", "cd19": 0}, {"at": "2026-02-01T23:30:00Z", "cd19": 25},
            {"at": "2026-03-01", "cd19": 30}]},
          {"start": "2026-01-01", "end": "2026-02-02", "ongoing": False}),
    ],
)  # fmt: skip
def test_a_scale_answers_and_stores_nothing(
    api: APIClient, scale: str, body: dict[str, Any], answer: dict[str, Any]
) -> None:
    events = AuditEvent.objects.count()
    status, found = ask(api, scale, body)
    assert status == 200
    assert {name: found[name] for name in answer} == answer
    assert {"grade", "status", "drivers", "warnings", "rule_version"} <= found.keys()
    assert AuditEvent.objects.count() == events


def counts(name: str, *spans: tuple[int, int, float], rest: float) -> list[dict[str, Any]]:
    """A count each day of the first thirty."""
    values = dict.fromkeys(range(31), rest)
    for first, last, value in spans:
        values |= dict.fromkeys(range(first, last + 1), value)
    return [{"at": f"2026-03-{day + 1:02}", name: value} for day, value in values.items()]


def test_counts_are_graded_early_and_late(api: APIClient) -> None:
    series = counts("anc", (2, 8, 300), (9, 10, 700), (11, 17, 300), rest=1800)
    _status, found = ask(api, "icaht", {"infusion_date": ZERO, "series": series})
    assert found["early"]["longest"] == {"days_500": 16, "days_100": 0, "grade": 3}
    assert (found["grade"], found["early"]["status"], found["late"]["grade"]) == (3, "final", None)
    early = {"infusion_date": ZERO, "as_of": "2026-03-10", "series": series}
    assert ask(api, "icaht", early)[1]["status"] == "provisional"
    series = counts("plt", (5, 18, 15), rest=150)
    _status, found = ask(api, "t-icaht", {"infusion_date": ZERO, "series": series})
    assert (found["early"]["grade"], found["late"]["grade"]) == (4, None)


def test_a_warning_is_said_in_the_language_of_the_request(api: APIClient) -> None:
    answer = api.post("/api/v1/calculators/crs/", {}, "json", headers={"Accept-Language": "it"})
    [warning] = answer.json()["warnings"]
    assert warning == {
        "code": "temperature_needed",
        "message": "Misurare la temperatura: la CRS comincia con la febbre.",
    }


@pytest.mark.parametrize(
    ("scale", "body", "field", "code"),
    [
        ("crs", {"temp_c": "abc"}, "temp_c", "not_a_number"),
        ("crs", {"temp_c": 386}, "temp_c", "out_of_range"),
        ("crs", {"temp_c": "1.234"}, "temp_c", "ambiguous"),
        ("crs", {"temp_c": True}, "temp_c", "invalid"),
        ("crs", {"temp_c": -38}, "temp_c", "out_of_range"),
        ("crs", {"temp_c": 1e300}, "temp_c", "out_of_range"),
        ("crs", {"temp_c": [38]}, "temp_c", "invalid"),
        ("crs", {"hypotension": "no"}, "hypotension", "invalid"),
        ("crs", {"o2_device": "snorkel"}, "o2_device", "invalid_choice"),
        ("crs", {"o2_device": 3}, "o2_device", "invalid_choice"),
        ("crs", {"temperature": 38}, "temperature", "unknown_field"),
        ("icans", {"ice_total": 11}, "ice_total", "max_value"),
        ("icans", {"ice_total": "10"}, "ice_total", "invalid"),
        ("icans", {"ice_total": True}, "ice_total", "invalid"),
        ("easix", {"plt": "<5"}, "plt", "sign"),
        ("icaht", {"infusion_date": ZERO, "as_of": "2026-02-01", "series": []}, "as_of",
         "before_infusion"),
        ("icaht", {"infusion_date": ZERO, "as_of": "2026-11-13", "series": []}, "as_of", "ahead"),
        ("icaht", {"infusion_date": ZERO, "series": [{"at": "2062-03-01", "anc": 5}]},
         "series.0.at", "ahead"),
        ("icaht", {"infusion_date": ZERO, "series": [{"at": "2026-11-13T09:00Z", "anc": 5}]},
         "series.0.at", "ahead"),
        ("icaht", {"infusion_date": ZERO, "series": [{"at": "yesterday", "anc": 5}]},
         "series.0.at", "invalid"),
        ("icaht", {"infusion_date": ZERO, "series": [{"at": ZERO, "anc": None}]}, "series.0.anc",
         "null"),
        ("b-cell-aplasia", {"series": []}, "threshold", "required"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(
    api: APIClient, scale: str, body: dict[str, Any], field: str, code: str
) -> None:
    status, problem = ask(api, scale, body)
    assert status == 400
    assert (field, code) in {(one["field"], one["code"]) for one in problem["reasons"]}
    assert "grade" not in problem


def test_a_crp_that_may_be_in_another_unit_is_asked_about(api: APIClient) -> None:
    for scale in ("car-hematotox", "easix"):
        for crp, asked in ((60, []), (61, ["crp_unit"]), (None, [])):
            _status, found = ask(api, scale, {"crp": crp, "plt": 100})
            assert [one["code"] for one in found["warnings"]] == asked


@pytest.mark.parametrize(
    ("counts", "asked"),
    [([0, 500], []), ([0, 31], []), ([0, 30], ["anc_unit"]), ([0.4, 1800], ["anc_unit"]),
     ([0, 0], []), ([], [])],
)  # fmt: skip
def test_neutrophils_that_may_be_in_another_unit_are_asked_about(
    api: APIClient, counts: list[float], asked: list[str]
) -> None:
    series = [{"at": f"2026-03-0{day}", "anc": anc} for day, anc in enumerate(counts, start=1)]
    _status, found = ask(api, "icaht", {"infusion_date": ZERO, "series": series})
    told = [one["code"] for one in found["warnings"] if one["code"] != "days_missing"]
    assert told == asked


def test_other_values_that_may_be_in_another_unit_are_asked_about(api: APIClient) -> None:
    _status, found = ask(api, "car-hematotox", {"anc": 1.2, "crp": 61})
    assert [one["code"] for one in found["warnings"]] == ["crp_unit", "anc_unit"]
    for fibrinogen, asked in ((1.18, ["fibrinogen_unit"]), (10, []), (None, [])):
        _status, found = ask(api, "iec-hs", {"fibrinogen": fibrinogen})
        assert [one["code"] for one in found["warnings"]] == asked


def test_nan_is_no_json(api: APIClient) -> None:
    answer = api.post(
        "/api/v1/calculators/crs/", b'{"temp_c": NaN}', content_type="application/json"
    )
    assert answer.status_code == 400


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from(
    ["temp_c", "hypotension", "o2_device", "vasopressors", "ice_total", "arousal", "ferritin",
     "anc", "plt", "series", "infusion_date", "threshold", "ldh", "crp", "capd", "at"]
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(scale=st.sampled_from(SCALES), body=st.dictionaries(names, anything, max_size=4))
def test_whatever_comes_is_answered_or_refused(
    api: APIClient, scale: str, body: dict[str, Any]
) -> None:
    status, answer = ask(api, scale, body)
    assert status in (200, 400)
    if status == 200 and scale in ("icans", "iec-hs"):
        # Nothing here says that everything was looked at.
        assert answer["grade"] != 0 or answer["status"] == "provisional"


@pytest.mark.parametrize(
    ("scale", "body", "field"),
    [
        ("iec-hs", {"ferritin": 100, "ferritin_uln": 0}, "ferritin_uln"),
        ("iec-hs", {"ast": 100, "ast_baseline": 0}, "ast_baseline"),
        ("b-cell-aplasia", {"series": [{"at": ZERO, "cd19": 0}], "threshold": 0}, "threshold"),
    ],
)
def test_a_limit_of_zero_is_refused(
    api: APIClient, scale: str, body: dict[str, Any], field: str
) -> None:
    status, answer = ask(api, scale, body)
    assert status == 400
    assert [(one["code"], one["field"]) for one in answer["reasons"]] == [("zero", field)]


def test_counts_are_as_of_the_last_thing_that_is_told(api: APIClient) -> None:
    series = [{"at": f"2026-03-{day:02d}", "anc": 300} for day in range(1, 14)]
    told = {"infusion_date": ZERO, "series": series, "death_date": "2026-03-15"}
    _status, found = ask(api, "icaht", told)
    _status, said = ask(api, "icaht", told | {"as_of": "2026-03-15"})
    assert found["early"] == said["early"]
    assert found["early"]["longest"]["grade"] == 4


def test_what_cannot_be_graded_has_no_grade_anywhere(api: APIClient) -> None:
    series = [{"at": "2026-03-01", "anc": 1800}, {"at": "2026-03-31", "anc": 1800}]
    _status, found = ask(api, "icaht", {"infusion_date": ZERO, "series": series})
    ways = (found["early"]["longest"], found["early"]["cumulative"])
    assert [way["grade"] for way in ways] == [None, None]
