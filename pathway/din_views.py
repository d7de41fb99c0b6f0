"""The page, open to everybody, that reads a donation number and says what is wrong with it."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.open_pages import open_page
from accounts.wording import refusal_view
from pathway.domain.isbt128 import DinReading, read_din
from pathway.scanning import ScanField
from patients.identity import Named


class DinForm(forms.Form):
    """One donation number."""

    din = ScanField(
        label=gettext_lazy("Donation number"),
        help_text=gettext_lazy("Scan the barcode, or type what the label prints, with its check."),
    )


@require_http_methods(["GET", "POST"])
@open_page
def isbt_din(request: HttpRequest) -> HttpResponse:
    """Read one donation number."""
    form = DinForm(request.POST if request.method == "POST" else None)
    form.fields["din"].widget.attrs["autofocus"] = True
    context: dict[str, object] = {"form": form}
    status = 200
    if form.is_valid():
        reading = read_din(form.cleaned_data["din"])
        context |= {
            "reading": reading,
            "pairs": _pairs(reading),
            "refusals": [refusal_view(refusal) for refusal in reading.reasons],
        }
    elif form.is_bound:
        status = 422
    return render(request, "pathway/isbt_din.html", context, status=status)


def _pairs(reading: DinReading) -> list[Named]:
    """What the label says; a check character is shown only of a number that stands."""
    if not reading.valid:
        return []
    pairs = [
        Named(_("Donation number"), reading.din),
        Named(_("Check character"), reading.check_character),
    ]
    if reading.flags:
        pairs.append(Named(_("Flags"), f"{reading.flags} · {_(reading.flag_group)}"))
    return pairs
