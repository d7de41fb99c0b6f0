"""A file of courses under way, in the API."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_answers import Reason, writing
from accounts.api_requests import ApiView, StrictInput, WordsField
from accounts.problems import encodable, refusal_json
from pathway.importing import Outcome, import_courses, try_courses
from terms.sheets import LARGEST


class ImportIn(StrictInput):
    """The text of a CSV file, as the template of the page has it."""

    file = WordsField(max_length=LARGEST, trim_whitespace=False)
    dry_run = serializers.BooleanField(
        default=True, help_text="Whether to say only what would happen."
    )


class OutcomeOut(serializers.Serializer[Any]):
    """What became of one line."""

    line = serializers.IntegerField(help_text="As a spreadsheet counts; the header is 1.")
    course = serializers.CharField(help_text="The code of the course, once it is entered.")
    stage = serializers.CharField()
    refusals = Reason(many=True, help_text="`field` names the column.")


class ReportOut(serializers.Serializer[Any]):
    """What became of a file."""

    committed = serializers.BooleanField()
    faults = serializers.IntegerField(help_text="How many lines cannot be entered.")
    sha256 = serializers.CharField()
    rows = OutcomeOut(many=True)


class CoursesImportView(ApiView):
    """Courses that were under way before Percorso."""

    @writing("Import courses", ImportIn, ReportOut, status=200)
    def post(self, request: Request) -> Response:
        """Try a file, or with `dry_run` false enter all of its courses, or none.

        No guard is asked: the courses say that they were transcribed. Refusals of a commit name
        line and column in `field`, such as `3.infused_on`.
        """
        given = self.received(ImportIn)
        content = given["file"].encode("utf-8", "surrogatepass")
        work = try_courses if given["dry_run"] else import_courses
        report = work(content=content, actor=self.actor, now=timezone.now())
        answer = {
            "committed": report.committed,
            "faults": report.faults,
            "sha256": report.sha256,
            "rows": [_outcome_json(outcome) for outcome in report.outcomes],
        }
        return Response(answer)


def _outcome_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "line": outcome.line,
        "course": outcome.code,
        "stage": encodable(outcome.stage),
        "refusals": [refusal_json(refusal) for refusal in outcome.refusals],
    }
