"""The page that takes a file of laboratory results: first what would happen, then all or none."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import require
from accounts.permissions import Permission
from accounts.refusing import note_refusal, status_of
from accounts.requests import SignedInRequest
from accounts.wording import in_words
from patients.domain.result_rows import COLUMNS, MOST_ROWS
from patients.identity import Named
from patients.imported_results import Becomes, Outcome
from patients.result_file_form import ResultFileForm, name_rows
from patients.result_import import Report, import_results, try_results
from patients.sent_files import kept_on_page, sent_content
from terms.refusals import Refused
from terms.sheets import LARGEST

_PAGE = "patients/results_import.html"


@login_required
@require_http_methods(["GET", "POST"])
def results_import(request: SignedInRequest) -> HttpResponse:
    """Record a file of laboratory results."""
    require(request.user, Permission.RECORD_RESULTS)
    context: dict[str, Any] = {"most": MOST_ROWS, "columns": COLUMNS}
    if request.method == "GET":
        return render(request, _PAGE, context)
    content = sent_content(request, LARGEST)
    form = ResultFileForm(request.POST)
    form.is_valid()
    now, choices = timezone.now(), form.choices()
    commit = "commit" in request.POST and not form.errors
    if commit and not form.changed():
        try:
            return _recorded(
                import_results(content=content, choices=choices, actor=request.user, now=now),
                request,
            )
        except Refused as refused:
            note_refusal(request.user, refused, request.path, now=now)
    try:
        report = try_results(content=content, choices=choices, actor=request.user, now=now)
    except Refused as refused:
        context["faults"] = [(refusal.field, in_words(refusal)) for refusal in refused.refusals]
        return render(request, _PAGE, context, status=status_of(refused))
    if commit:
        again = _("Something was chosen since the file was checked: look again, then record it.")
        said = [again] if form.changed() else [in_words(one) for one in report.refusals]
        context["faults"] = [("", text) for text in said]
    context |= _tried(report, form) | {"kept": kept_on_page(content)}
    status = 200 if report.ready and not form.errors else 422
    return render(request, _PAGE, context, status=status)


def _recorded(report: Report, request: SignedInRequest) -> HttpResponse:
    count = report.counts[Becomes.NEW]
    messages.success(
        request,
        ngettext("%(count)s value is recorded.", "%(count)s values are recorded.", count)
        % {"count": count}
        if count
        else _("Every value of the file was there already: nothing is written."),
    )
    return redirect("results_import")


def _tried(report: Report, form: ResultFileForm) -> dict[str, Any]:
    """What the page says about a file that was tried."""
    counts = report.counts
    told = (
        (_("New"), counts[Becomes.NEW]),
        (_("There already"), counts[Becomes.DUPLICATE]),
        (_("Left out"), counts[Becomes.LEFT_OUT]),
        (_("To be decided"), counts[Becomes.CONFLICT]),
        (_("Unusual"), report.unusual),
        (_("Cannot be recorded"), counts[Becomes.FAULT]),
    )
    undecided = counts[Becomes.FAULT] or counts[Becomes.CONFLICT]
    return {
        "report": report,
        "counts": [Named(label, str(count)) for label, count in told],
        "new": counts[Becomes.NEW],
        "may_commit": counts[Becomes.NEW] and not undecided,
        "form": form,
        "names": list(name_rows(report)),
        "asks": counts[Becomes.CONFLICT] or counts[Becomes.LEFT_OUT] or form["conflicts"].value(),
        "rows": [_row(one) for one in report.outcomes if one.refusals or one.unusual],
    }


def _row(outcome: Outcome) -> dict[str, Any]:
    line = outcome.line
    value = " ".join(filter(None, (line.value, line.unit, line.answer)))
    return {
        "line": line.number,
        "course": outcome.course.code if outcome.course is not None else line.course,
        "analyte": line.analyte,
        "when": f"{line.on} {line.time}".strip(),
        "value": value,
        "unusual": outcome.unusual,
        "left_out": outcome.becomes is Becomes.LEFT_OUT,
        "faults": [(refusal.field, in_words(refusal)) for refusal in outcome.refusals],
    }
