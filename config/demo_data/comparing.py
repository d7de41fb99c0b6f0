"""What the case series prints beside what the report says: the file, and the page made of it."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("published.toml")
_INTRODUCTION = """\
# The case series and the report

`manage.py draw_case_series` makes this page of `config/demo_data/published.toml`; a test fails when
it is stale, and another when the report on the demo's four cases differs from it in any cell.

The demo's four cases are those of Grillo and Mochi (Recenti Prog Med), on dates of today, with
synthetic names and with what the paper leaves out marked as synthetic. Asked for them
(`/cohort/?search=CASE`), the cohort report gives the published Tables 1 and 2 and the statistics of
the text. It is counted from rows, so where the paper contradicts itself it cannot.
"""
_TABLE_1 = {
    "age": "age", "diagnosis": "diagnosis", "risk": "risk", "first_line": "first line",
    "response": "response", "allo_hsct": "transplants", "days_to_apheresis": "to apheresis (d)",
    "bridging": "bridging",
}  # fmt: skip
_TABLE_2 = {
    "status": "disease", "crs": "CRS grade / onset / days", "icans": "ICANS grade / onset / days",
    "stay_days": "stay (d)", "infections": "isolates", "neutropenia_days": "neutropenia (d)",
    "b_cell_aplasia_months": "B-cell aplasia (months)", "ecog": "ECOG",
    "follow_up_months": "follow-up (months)",
}  # fmt: skip


@cache
def published() -> Mapping[str, Any]:
    """The data file."""
    with FILE.open("rb") as file:
        return tomllib.load(file)


def expected(cell: str, printed: Any) -> Any:
    """What the report has in a cell such as `table1.3.age`: what is printed, or the difference."""
    for one in published()["differences"]:
        if cell in one["cells"]:
            return one["ours"]
    known = published()["reading"]
    return known.get(printed, printed) if isinstance(printed, str) else printed


def page() -> str:
    """docs/case-series.md."""
    parts = [
        _INTRODUCTION,
        "## Table 1 as the report gives it\n",
        *_table("table1", _TABLE_1),
        "\n## Table 2 as the report gives it\n",
        "Onset is the day after the infusion, day 0; a plus says that it goes on.\n",
        *_table("table2", _TABLE_2),
        "\n## Statistics of the text\n",
        *_statistics(),
        "\n## Where the report differs, and why\n",
        "| where | printed | report | cause |\n|---|---|---|---|",
        *(
            f"| {'; '.join(map(_place, one['cells']))} | {one['printed']} | {one['ours']} "
            f"| {one['cause']} |"
            for one in published()["differences"]
        ),
        "\n## What the paper leaves open\n",
        *(f"- **{one['where']}.** {one['text']}" for one in published()["remarks"]),
    ]
    return "\n".join(parts) + "\n"


def _table(table: str, columns: Mapping[str, str]) -> Iterator[str]:
    yield f"| patient | {' | '.join(columns.values())} |"
    yield "|---" * (len(columns) + 1) + "|"
    for number, row in published()[table].items():
        cells = (_cell(f"{table}.{number}.{name}", name, row) for name in columns)
        yield f"| {number} | {' | '.join(cells)} |"


def _cell(place: str, name: str, row: Mapping[str, Any]) -> str:
    value = expected(place, row[name])
    if isinstance(value, dict):
        onset, days = value.get("onset_day"), value.get("duration_days")
        told = "– / –" if onset is None else f"{onset and f'+{onset}'} / {days}"
        return f"{value['grade']} / {told}"
    if isinstance(value, list):
        return ", ".join(value) or "–"
    ongoing = name == "b_cell_aplasia_months" and row["b_cell_aplasia_ongoing"]
    return f"{value}+" if ongoing else str(value)


def _statistics() -> Iterator[str]:
    yield "| statistic | n | printed | report |\n|---|---|---|---|"
    for code, said in published()["statistics"].items():
        ours = {name: expected(f"statistics.{code}.{name}", value) for name, value in said.items()}
        yield f"| {code} | {said['n']} | {_spread(said)} | {_spread(ours)} |"


def _spread(said: Mapping[str, Any]) -> str:
    return f"{said.get('median', '')} ({said['min']}–{said['max']})".strip()


def _place(cell: str) -> str:
    table, row, name = cell.split(".")
    words = {"table1": f"Table 1, patient {row}", "table2": f"Table 2, patient {row}"}
    return f"{words.get(table, row)}, {name}"
