"""20,000 inputs thrown at the calculators: answered or refused, and nothing unread is graded.

Inputs are drawn by a seed that hypothesis chooses, a hundred at a time: that is what makes so many
of them cheap. A failure names its input whole.
"""

import json
from collections.abc import Callable, Iterator
from datetime import date
from itertools import cycle, islice
from random import Random
from typing import Any

import pytest
from django.urls import resolve
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework import serializers
from rest_framework.test import APIRequestFactory, force_authenticate

from accounts.models import User
from toxicity.calculators.forms import NONE_GIVEN, ScaleForm, count_of
from toxicity.calculators.scales import SCALES
from toxicity.inputs.fields import Flag, NumberField, PastDayField, TriState, WholeField, Word

BATCH, SENT, TYPED = 100, 160, 40  # so many in each of the batches of the API and of the pages
ZERO, TODAY = "2026-03-01", date(2026, 11, 12)  # where the clock of the API tests stands
Drawn = tuple[Any, bool]  # a value, and whether it can be read

NO_NUMBERS: list[Any] = [
    "abc", "1.234", "1,234", "NaN", "nan", "Infinity", "-1", "+5", "1e999", "1e3", "٣٨", "３８",
    "²", "38.6°C", "0x10", "5,", ".5", "1 000", "1.234,5", "<5", ">500", "--", "007",
    "12345678901234567890", "\x00", "🙂", "null", "true",
]  # fmt: skip
NO_JSON_NUMBERS: list[Any] = [
    *NO_NUMBERS, "", " ", True, False, [], {}, [38], [[38]], {"value": 38}, -1, -0.1, 1e300,
    10**400, float("nan"), float("inf"),
]  # fmt: skip
NO_DAYS = ["yesterday", "2026-13-01", "2026-02-30", "2062-01-01", "1800-01-01", "03/2026", "x"]


def json_value(field: Any, draw: Random) -> Drawn:
    """A value of JSON for an input, and whether it can be read."""
    if isinstance(field, serializers.ListField) and isinstance(field.child, serializers.Serializer):
        return _json_series(field, draw)
    if draw.random() < 0.15:
        return None, field.allow_null
    readable = draw.random() < 0.85
    if isinstance(field, NumberField):
        return _number(field, draw, readable, NO_JSON_NUMBERS)
    if isinstance(field, WholeField):
        most = field.max_value or 0
        bad = [*NO_JSON_NUMBERS, "1", 0.5, most + 1]
        return (draw.randint(0, most) if readable else draw.choice(bad)), readable
    if isinstance(field, TriState):
        bad = ["yes", "no", "true", 1, 0, "", [], {}, 2.5]
        return (draw.random() < 0.5 if readable else draw.choice(bad)), readable
    if isinstance(field, PastDayField):
        day = f"2026-{draw.randint(4, 10):02}-{draw.randint(1, 28):02}"
        return (day if readable else draw.choice([*NO_DAYS, "", 20260301, True, []])), readable
    if isinstance(field, serializers.ListField):
        words = list(getattr(field.child, "choices", ()))
        some: list[Any] = draw.sample(words, draw.randint(0, 3))
        bad = ["dopamine", ["coffee"], [3], {"a": 1}, [["dopamine"]], True, 7]
        return (some if readable else draw.choice(bad)), readable
    assert isinstance(field, Word), field
    bad = ["snorkel", 3, "", True, [], {}, [next(iter(field.choices))]]
    return (draw.choice(list(field.choices)) if readable else draw.choice(bad)), readable


def _number(field: NumberField, draw: Random, readable: bool, bad: list[Any]) -> Drawn:
    if not readable:
        return draw.choice([*bad, float(field.most) + 1, str(field.most + 1)]), False
    whole = draw.randint(int(field.least) + 1, int(field.most))
    return draw.choice([whole, str(whole), f"{whole - 1},5", float(whole) - 0.5]), True


def _json_series(field: Any, draw: Random) -> Drawn:
    if draw.random() < 0.1:
        return draw.choice([None, "x", {}, [3], [[]], [None], 5, [{"at": 1}], [{}]]), False
    count = field.child.fields[count_of(field)]
    rows, all_read = [], True
    for _ in range(draw.randint(0, 6)):
        value, read = _number(count, draw, draw.random() < 0.97, NO_JSON_NUMBERS)
        day = f"2026-{draw.randint(4, 10):02}-{draw.randint(1, 28):02}"
        on: Any = day if draw.random() < 0.97 else draw.choice([*NO_DAYS, None, 7, True, []])
        rows.append({"at": on, count_of(field): value})
        all_read = all_read and read and on is day
    return rows, all_read


def json_input(fields: dict[str, Any], draw: Random) -> tuple[dict[str, Any], bool]:
    """A body of a scale, and whether all of it can be read."""
    body: dict[str, Any] = {}
    all_read = True
    for name, field in fields.items():
        if draw.random() < 0.6:
            body[name], read = json_value(field, draw)
            if name == "infusion_date" and read:
                body[name] = ZERO  # every other day lies after it
            all_read = all_read and read
        elif field.required:
            all_read = False
    if draw.random() < 0.02:
        body["temperature"], all_read = 38, False
    return body, all_read


def typed_value(field: Any, draw: Random) -> Drawn:
    """Text of a form for an input, and whether it can be read; blank is not known."""
    if draw.random() < 0.1:
        spaces = "  " if isinstance(field, NumberField | PastDayField) else ""
        return draw.choice(["", spaces]), not field.required
    readable = draw.random() < 0.85
    if isinstance(field, NumberField):
        value, _ = _number(field, draw, readable, NO_NUMBERS)
        return str(value).replace("'", ""), readable
    if isinstance(field, WholeField):
        most = field.max_value or 0
        bad = [*NO_NUMBERS, "1.5", str(most + 1)]
        return (str(draw.randint(0, most)) if readable else draw.choice(bad)), readable
    if isinstance(field, Flag):
        return "on", True
    if isinstance(field, TriState):
        return (draw.choice(["true", "false"]) if readable else "maybe"), readable
    if isinstance(field, PastDayField):
        day = f"{draw.randint(1, 28):02}/{draw.randint(4, 10):02}/2026"
        return (day if readable else draw.choice(NO_DAYS)), readable
    if isinstance(field, Word):
        return (draw.choice(list(field.choices)) if readable else "snorkel"), readable
    if isinstance(field.child, serializers.ChoiceField):
        words = list(field.child.choices)
        bad = [["coffee"], [NONE_GIVEN, "dopamine"]]
        good = draw.choice([[NONE_GIVEN], draw.sample(words, draw.randint(0, 3))])
        return (good if readable else draw.choice(bad)), readable
    return _typed_series(draw)


def _typed_series(draw: Random) -> Drawn:
    bad = [f"2026-04-01 {value}" for value in NO_NUMBERS]
    bad += ["2026-04-01", "abc 5", "03/2026 5", "01/04/26 5", "2026-04-01\t5\t6", "2062-04-01 5"]
    lines = [
        f"{draw.randint(1, 28):02}/{draw.randint(4, 10):02}/2026{draw.choice(' ;')}{value}"
        for value in draw.choices(range(1, 3000), k=draw.randint(1, 6))
    ]
    if draw.random() < 0.8:
        return "\n".join(lines), True
    return "\r\n".join([*lines, draw.choice(bad)]), False


FIELDS = {code: dict(scale.inputs().fields) for code, scale in SCALES.items()}
VIEWS: dict[str, Callable[..., Any]] = {
    code: resolve(f"/api/v1/calculators/{code}/").func for code in SCALES
}
FACTORY = APIRequestFactory()
SOMEBODY = User(username="nobody-stored")


def sent(scale: str, body: Any) -> tuple[int, dict[str, Any]]:
    """Status and answer of the view of a calculator, without the database."""
    request = FACTORY.post("/", json.dumps(body), content_type="application/json")
    force_authenticate(request, SOMEBODY)
    answer = VIEWS[scale](request)
    return answer.status_code, answer.data


def batch(seed: int) -> Iterator[tuple[str, Random]]:
    """The scales in turn, with what draws their inputs."""
    draw = Random(seed)
    return ((scale, draw) for scale in islice(cycle(SCALES), BATCH))


def grades_in(answer: Any) -> list[Any]:
    """Every grade that an answer holds, at any depth."""
    if not isinstance(answer, dict):
        return []
    own = [answer["grade"]] if "grade" in answer else []
    return own + [grade for inner in answer.values() for grade in grades_in(inner)]


@pytest.mark.no_cover
@settings(max_examples=SENT)
@given(seed=st.integers(0, 2**32))
def test_json_is_answered_or_refused_and_nothing_unread_is_graded(seed: int) -> None:
    for scale, draw in batch(seed):
        body, all_read = json_input(FIELDS[scale], draw)
        status, answer = sent(scale, body)
        assert status == (200 if all_read else 400), (scale, body, answer)
        grades = grades_in(answer)
        assert bool(grades) == all_read, (scale, body)
        assert {None, 0, 1, 2, 3, 4, 5} >= set(grades), (scale, body, grades)
        if scale == "crs" and all_read and answer["grade"] == 0:  # somebody took the temperature
            assert body.get("temp_c") is not None or body["fever_masked"], body


@pytest.mark.no_cover
@settings(max_examples=TYPED)
@given(seed=st.integers(0, 2**32))
def test_what_is_typed_is_answered_or_refused_and_nothing_unread_is_graded(seed: int) -> None:
    for scale, draw in batch(seed):
        typed: dict[str, Any] = {}
        all_read = True
        for name, field in FIELDS[scale].items():
            if draw.random() < 0.6 or field.required:
                typed[name], read = typed_value(field, draw)
                if name == "infusion_date" and read:
                    typed[name] = ZERO
                all_read = all_read and read
        form = ScaleForm(typed, SCALES[scale].inputs, TODAY)
        assert form.is_valid() == all_read, (scale, typed, form.errors)
        if all_read:
            found = SCALES[scale].answer(form.given).findings
            assert {f.grade for f in found} <= {None, 0, 1, 2, 3, 4, 5}, (scale, typed)
        else:
            assert not form.given, (scale, typed)
