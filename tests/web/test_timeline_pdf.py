"""A timeline on paper: whole, inside its pages, readable aloud, and never read as markup."""

import io
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pypdf import PageObject, PdfReader
from rest_framework.test import APIClient

from accounts.models import User
from audit.models import AuditEvent
from exports.timeline import TimelineRow
from exports.writers.pdf import Printing, timeline_pdf
from patients.charting import add_entry
from patients.models import Course
from tests.conftest import NOW

PRINTING = Printing("P-1", "rita", datetime(2026, 11, 12, 10, 30, tzinfo=ZoneInfo("Europe/Rome")))
MARKUP = (
    '#let x = 1 $y$ *bold* _i_ @cite <label> `code` "quoted" \\ // /* = head #import "@preview/a:1"'
)
LEAST_LINE = 8  # points between two lines of print of this size
NARROW, USUAL = 0.36, 0.48  # of the size: the least, and about the mean, width of a letter


def row(seq: int = 1, **said: Any) -> TimelineRow:
    """A row of a timeline."""
    given = {
        "course": "P-1", "seq": seq, "event_code": "NOTE", "label": "Laboratory value: CRP",
        "event_date": "2026-10-20", "date_precision": "day", "rel_day_D0": seq - 3,
        "rel_day_enrolment": None, "value": "12.5", "unit": "mg/L", "source": "case series",
        "entered_by": "coordinator", "entered_at": datetime(2026, 10, 20, 12, tzinfo=UTC), **said,
    }  # fmt: skip
    return TimelineRow(**given)


def pages(rows: Iterable[TimelineRow]) -> list[PageObject]:
    """The pages of a print."""
    return list(PdfReader(io.BytesIO(timeline_pdf(rows, PRINTING))).pages)


def glyphs(page: PageObject) -> list[tuple[float, float, float, str]]:
    """Every run of letters: where it begins, the line it stands on, its size, its letters."""
    found: list[tuple[float, float, float, str]] = []

    def note(text: str, cm: list[float], tm: list[float], _font: object, size: float) -> None:
        if text.strip():
            found.append((cm[4] + tm[4], cm[5] + tm[5], size, text.strip()))

    page.extract_text(visitor_text=note)
    return found


def test_nothing_is_cut_off_and_no_line_runs_into_another() -> None:
    long = "a long remark of many words that somebody wrote "
    rows = [row(seq) for seq in range(1, 60)]
    rows += [row(60, label="W" * 300, value=long * 40), row(61, source="x" * 90, unit="10*9/L")]
    rows += [row(62, value=long * 100), row(63, value=MARKUP)]
    printed = pages(rows)
    assert len(printed) > 4
    for page in printed:
        left, bottom, right, top = (float(edge) for edge in page.mediabox)
        assert (right - left, top - bottom) == pytest.approx((841.89, 595.28), abs=0.1)
        found = glyphs(page)
        for x, y, size, text in found:
            assert left + 30 < x
            assert x + USUAL * size * len(text) < right, text
            assert bottom + 20 < y < top - 20
        lines = sorted({round(y, 1) for _x, y, _size, _text in found})
        assert all(after - before >= LEAST_LINE for before, after in pairwise(lines))
        for line in lines:
            runs = sorted(one for one in found if round(one[1], 1) == line)
            for (x, _y, size, text), after in pairwise(runs):
                assert x + NARROW * size * len(text) < after[0], (text, after)
    words = "".join(page.extract_text() for page in printed)
    assert (words.count("somebody"), words.count("wrote")) == (140, 140)


def test_each_page_says_about_whom_it_is_who_printed_it_and_which_it_is() -> None:
    printed = pages(row(seq) for seq in range(1, 90))
    total = len(printed)
    assert total > 2
    for number, page in enumerate(printed, 1):
        text = page.extract_text()
        assert "Percorso · P-1" in text
        assert "Printed at 12-Nov-2026 10:30 by rita" in text
        assert f"Page {number} of {total}" in text
        assert {"Date", "Event", "Value", "Entered at"} <= {one[3] for one in glyphs(page)}


def test_it_can_be_read_aloud_in_the_language_it_is_in() -> None:
    with translation.override("it"):
        made = timeline_pdf([row()], PRINTING)
    reader = PdfReader(io.BytesIO(made))
    root: Any = reader.trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("it", True)
    assert b"pdfuaid:part" in made
    text = reader.pages[0].extract_text()
    assert "Pagina 1 di 1" in text
    assert "12,5" in text
    assert "−2" in text


def test_what_somebody_typed_is_no_markup_and_what_no_font_has_is_a_code() -> None:
    value = f"Anna 😀 漢\nשלום {MARKUP}"
    text = pages([row(value=value, label="x")])[0].extract_text().replace("\n", " ")
    plain = "".join(text.replace("\u200b", "").split())
    assert "Anna[U+1F600][U+6F22]" in plain
    assert "[U+05E9]" in plain
    assert "".join(MARKUP.split()) in plain
    assert "Characters that this font cannot show" in text
    assert "Characters that this font" not in pages([row()])[0].extract_text()


def test_an_empty_timeline_says_so() -> None:
    [page] = pages([])
    assert "Nothing is recorded yet." in page.extract_text()


@time_machine.travel("2026-11-12 09:30Z", tick=False)
def test_page_and_api_answer_the_same_coded_print(coordinator: User, course: Course) -> None:
    add_entry(
        course_id=course.pk, kind="note", values={"on": "2026-10-05", "text": "Signora Bianchi"},
        actor=coordinator, now=NOW,
    )  # fmt: skip
    client, api = Client(), APIClient()
    client.force_login(coordinator)
    api.force_authenticate(coordinator)
    page = client.get(reverse("course_timeline_pdf", args=[course.pk]))
    answer = api.get(f"/api/v1/courses/{course.pk}/timeline.pdf", headers={"accept": "text/html"})
    texts = [PdfReader(io.BytesIO(one.content)).pages[0].extract_text() for one in (page, answer)]
    assert texts[0] == texts[1]
    assert course.code in texts[0]
    for secret in ("Bianchi", "Rossi", "Maria", "H00001", "1961"):
        assert secret not in texts[0]
    assert page["Content-Type"] == answer["Content-Type"] == "application/pdf"
    name = f"percorso-{course.code}-2026-11-12.timeline.pdf"
    assert page["Content-Disposition"] == f'attachment; filename="{name}"'
    events = AuditEvent.objects.filter(action="export.timeline", course_id=course.pk)
    assert [event.after["format"] for event in events] == ["pdf", "pdf"]
