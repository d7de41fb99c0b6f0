"""Files as tests ask for them: made at once, within the test's own transaction."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.db import connection
from django.test import override_settings
from openpyxl import load_workbook
from pypdf import PdfReader

from accounts.models import User
from exports import building, claiming
from exports.asking import Wanted, request_export
from exports.building import build_next
from exports.choosing import Who
from exports.fields.kinds import Level
from exports.models import ExportJob
from exports.storing import path_of

PURPOSE = "yearly report"


class _Beside:
    """The test's own connection in place of a second one, which would not see its rows."""

    def copy(self) -> "_Beside":
        return self

    def cursor(self) -> Any:
        return connection.cursor()

    def close(self) -> None:
        """It stays open."""


@contextmanager
def in_one_transaction(folder: Path) -> Iterator[None]:
    """Files go into `folder`, and are made without a moment of their own.

    What that moment keeps away is tested in tests/faults/test_killed_exports.py.
    """
    with (
        override_settings(EXPORT_DIR=folder),
        patch.object(building, "one_moment", nullcontext),
        patch.object(claiming, "beside", _Beside),
        # One connection cannot say how far it is while it copies: a slow machine would hang.
        patch.object(claiming, "_PAUSE_SECONDS", inf),
    ):
        yield


def asked(actor: User, now: datetime, **wanted: Any) -> ExportJob:
    """A file asked for; with names as if the password was given just now."""
    names = wanted.get("level") == Level.IDENTIFIED
    who = Who(**wanted.pop("who", {}))
    about = {"content": "timelines", "format": "csv", "purpose": PURPOSE, "who": who}
    if names:
        about["reason"] = "the registry asks for names"
    return request_export(
        wanted=Wanted(**{**about, **wanted}),
        signed_in_at=now if names else None,
        actor=actor,
        now=now,
    )


def made(job: ExportJob, now: datetime) -> ExportJob:
    """The job after a worker has seen it."""
    build_next(lambda: now)
    job.refresh_from_db()
    return job


def content_of(job: ExportJob) -> bytes:
    """The bytes of its file."""
    return path_of(job.file_name).read_bytes()


def csv_rows(job: ExportJob) -> list[dict[str, str]]:
    """The rows of a CSV as its reader sees them."""
    return list(csv.DictReader(io.StringIO(content_of(job).decode(), newline="")))


def json_of(job: ExportJob) -> dict[str, Any]:
    """A JSON file as its reader sees it."""
    found: dict[str, Any] = json.loads(content_of(job))
    return found


def workbook_of(job: ExportJob) -> Any:
    """A workbook as its reader sees it."""
    return load_workbook(io.BytesIO(content_of(job)))


def text_of(job: ExportJob) -> str:
    """Everything in a file that can be read."""
    if job.format == "pdf":
        pages = PdfReader(io.BytesIO(content_of(job))).pages
        return "\n".join(page.extract_text().replace("\u200b", "") for page in pages)
    if job.format != "xlsx":
        return content_of(job).decode()
    cells = (
        str(cell.value)
        for sheet in workbook_of(job).worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    )
    return "\n".join(cells)
