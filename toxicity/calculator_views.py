"""Pages of the calculators, for everybody: an answer to what is typed, nothing stored."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.open_pages import open_page
from toxicity.calculators.forms import ScaleForm
from toxicity.calculators.pages import calculator_page, index_page
from toxicity.calculators.scales import SCALES


@require_GET
def calculators(request: HttpRequest) -> HttpResponse:
    """All of them, and the one that waits for its table."""
    return render(request, "toxicity/calculators.html", {"page": index_page()})


@require_http_methods(["GET", "POST"])
@open_page
def calculator(request: HttpRequest, scale: str) -> HttpResponse:
    """One scale: the form, and above it the answer to what can be read."""
    typed = request.POST if request.method == "POST" else None
    form = ScaleForm(typed, SCALES[scale].inputs, today=timezone.localdate())
    status = 422 if form.is_bound and not form.is_valid() else 200
    context = {"page": calculator_page(scale, form), "form": form}
    return render(request, "toxicity/calculator.html", context, status=status)
