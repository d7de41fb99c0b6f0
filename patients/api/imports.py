"""A file of laboratory results, in the API."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import Reason, writing
from accounts.api_requests import ApiView, StrictInput, TextField, WordsField
from accounts.problems import refusal_json
from patients.domain.result_rows import ADD, SKIP
from patients.imported_results import Becomes, Outcome
from patients.result_import import Choices, Report, import_results, try_results
from terms.sheets import LARGEST


class ResultsImportIn(StrictInput):
    """The text of a CSV file: columns course, analyte, date, value, unit; time, answer, conflict.

    The course is its code, or the hospital number of the patient.
    """

    file = WordsField(max_length=LARGEST, trim_whitespace=False)
    dry_run = serializers.BooleanField(
        default=True, help_text="Whether to say only what would happen."
    )
    names = serializers.DictField(
        child=WordsField(max_length=40, allow_blank=True),
        required=False,
        default=dict,
        help_text="The code of an analyte by what the laboratory calls it; remembered.",
    )
    conflicts = serializers.ChoiceField(
        choices=[SKIP, ADD],
        required=False,
        allow_blank=True,
        default="",
        help_text="What to do with values that differ from one of the same time.",
    )
    confirmed = serializers.BooleanField(
        default=False, help_text="The unusual values were looked at again."
    )
    reason = TextField(300)


class ResultLineOut(serializers.Serializer[Any]):
    """What becomes of one line."""

    line = serializers.IntegerField(help_text="As a spreadsheet counts; the header is 1.")
    course = serializers.CharField(help_text="The code of the course; empty for an unknown one.")
    analyte = serializers.CharField(help_text="Its code; empty for an unknown one.")
    becomes = serializers.ChoiceField(choices=[one.value for one in Becomes])
    unusual = serializers.BooleanField()
    refusals = Reason(many=True, help_text="`field` names the column.")


class ResultReportOut(serializers.Serializer[Any]):
    """What became of a file."""

    committed = serializers.BooleanField()
    ready = serializers.BooleanField(help_text="Whether it can be recorded as it is.")
    sha256 = serializers.CharField()
    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text="How many lines become what."
    )
    unusual = serializers.IntegerField()
    names = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        help_text="Names of the laboratory in the file: the analyte, or empty.",
    )
    refusals = Reason(many=True, help_text="Against the file as a whole.")
    rows = ResultLineOut(many=True)


class ResultsImportView(ApiView):
    """Laboratory values of many courses and days."""

    @writing("Import laboratory results", ResultsImportIn, ResultReportOut, status=200)
    def post(self, request: Request) -> Response:
        """Try a file, or with `dry_run` false record all of its new values, or none.

        The same file again writes nothing. Refusals name line and column in `field`, such as
        `3.value`.
        """
        given = self.received(ResultsImportIn)
        content = given["file"].encode("utf-8", "surrogatepass")
        choices = Choices(
            names=given["names"],
            conflicts=given["conflicts"],
            confirmed=given["confirmed"],
            reason=given["reason"],
        )
        work = try_results if given["dry_run"] else import_results
        report = work(content=content, choices=choices, actor=self.actor, now=timezone.now())
        return Response(_report_json(report))


def _report_json(report: Report) -> dict[str, Any]:
    return {
        "committed": report.committed,
        "ready": report.ready,
        "sha256": report.sha256,
        "counts": {one.value: number for one, number in report.counts.items()},
        "unusual": report.unusual,
        "names": report.names,
        "refusals": [refusal_json(refusal) for refusal in report.refusals],
        "rows": [_line_json(outcome) for outcome in report.outcomes],
    }


def _line_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "line": outcome.line.number,
        "course": outcome.course.code if outcome.course is not None else "",
        "analyte": outcome.analyte.code if outcome.analyte is not None else "",
        "becomes": outcome.becomes.value,
        "unusual": outcome.unusual,
        "refusals": [refusal_json(refusal) for refusal in outcome.refusals],
    }
