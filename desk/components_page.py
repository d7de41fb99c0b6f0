"""One page with every component on invented data: to look at, to test, to take pictures of."""

from datetime import date

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from desk.shapes import (
    CardView,
    MoveView,
    RailBox,
    RailState,
    RailView,
    RefusalView,
    TimelineRow,
)
from terms.partial_dates import PartialDate

_EBV = _("EBV reactivation")
_NOT_YET = RefusalView(
    _("The product has not been received on site."),
    who_may=(_("Cell laboratory"),),
    code="product_not_received",
)
_WASHOUT = RefusalView(
    _("Vincristine was given 5 days before; the protocol asks for 7."),
    kind="soft",
    who_may=(_("Haematologist"),),
    code="washout",
)


class SampleForm(forms.Form):
    """One field of each kind, for looking at only."""

    happened_on = forms.CharField(label=_("Date"), help_text=_("For example 04-Nov-2026"))
    ferritin = forms.CharField(
        label=_("Ferritin"),
        widget=forms.TextInput(attrs={"data-unit": "ng/mL", "inputmode": "decimal"}),
        help_text=_("Last 812 ng/mL, 4 h ago"),
    )
    product = forms.ChoiceField(
        label=_("Product"), choices=[("", ""), ("brexu-cel", "brexu-cel")], required=False
    )
    consent = forms.ChoiceField(
        label=_("Consent"),
        choices=[
            ("yes", pgettext_lazy("consent", "Given")),
            ("no", _("Refused")),
            ("unknown", _("Not known")),
        ],
        widget=forms.RadioSelect,
    )
    mine = forms.BooleanField(label=_("Only mine"), required=False)
    note = forms.CharField(label=_("Note"), widget=forms.Textarea, required=False)


def components(request: HttpRequest) -> HttpResponse:
    """Show all components; there is no such page outside the demo."""
    if not settings.DEMO:
        raise Http404
    wrong = SampleForm({"happened_on": "", "ferritin": "1.234"}, auto_id="wrong_%s")
    wrong.add_error("ferritin", _("1.234 can be read in two ways."))
    context = {
        "identity": _identity(),
        "dead": {
            "name": "NERI, Paolo",
            "code": "BRX-0009",
            "died_on": PartialDate(2026, 3),
            "dead": True,
            "identifiers": (_pair(_("Hospital no."), "DEMO 000 188"),),
        },
        "coded": {
            "name": "BRX-0007",
            "code": "BRX-0007",
            "coded": True,
            "product": "brexu-cel",
            "infused_on": date(2026, 11, 4),
            "day": 18,
        },
        "rails": (_rail_done(), _rail_held()),
        "cards": _cards(),
        "moves": _moves(),
        "refusals": (_NOT_YET, _WASHOUT),
        "timeline": _timeline(),
        "pairs": (
            _pair(_("Referring hospital"), "Ospedale di Prova"),
            _pair(_("Haematologist"), "V. Verdi"),
            _pair(_("Weight")),
        ),
        "columns": (_("Course"), _("Stage"), _("Days"), _("Responsible")),
        "rows": (
            ("ROSSI, Maria", _("Follow-up"), 18, "R. Verdi"),
            ("BIANCHI, Luca", _("Eligibility"), 12, "R. Verdi"),
        ),
        "page": Paginator(range(60), 25).page(2),
        "form": SampleForm(),
        "wrong": wrong,
    }
    return render(request, "components/index.html", context)


def _pair(label: Promise, value: str = "") -> dict[str, object]:
    return {"label": label, "value": value}


def _identity() -> dict[str, object]:
    return {
        "name": "ROSSI, Maria",
        "code": "BRX-0007",
        "born": date(1961, 10, 14),
        "age": 65,
        "sex": _("Female"),
        "identifiers": (
            _pair(_("Hospital no."), "DEMO 000 123"),
            _pair(_("Programme no."), "CASE-1"),
        ),
        "product": "brexu-cel",
        "infused_on": date(2026, 11, 4),
        "day": 18,
    }


def _rail_done() -> RailView:
    done = RailState.DONE
    return RailView(
        of="BRX-0007",
        boxes=(
            RailBox(_("Referral"), done, date(2026, 8, 24), date(2026, 8, 28), 4, 7),
            RailBox(
                _("Eligibility"),
                done,
                date(2026, 8, 28),
                date(2026, 9, 9),
                12,
                10,
                beside=RailBox(_("Containment"), done, date(2026, 9, 1), note=_("Vincristine × 1")),
            ),
            RailBox(_("Apheresis"), done, date(2026, 9, 15), date(2026, 9, 15), 6, 10),
            RailBox(
                _("Manufacturing and bridging"),
                done,
                date(2026, 9, 15),
                date(2026, 10, 29),
                44,
                28,
                lanes=(
                    RailBox(_("Manufacturing"), done, date(2026, 9, 17), date(2026, 10, 13), 26),
                    RailBox(
                        _("Bridging"),
                        done,
                        date(2026, 9, 21),
                        date(2026, 9, 28),
                        note=_("Inotuzumab, days 1 and 8"),
                    ),
                ),
            ),
            RailBox(_("Lymphodepletion"), done, date(2026, 10, 30), date(2026, 11, 1), 5, 7),
            RailBox(
                _("Infusion"), RailState.CURRENT, date(2026, 11, 4), days=18, target=28, here=True
            ),
            RailBox(_("Follow-up"), RailState.PLANNED),
            RailBox(_("Completed"), RailState.PLANNED),
        ),
    )


def _rail_held() -> RailView:
    planned = RailState.PLANNED
    return RailView(
        of="BRX-0009",
        boxes=(
            RailBox(_("Referral"), RailState.DONE, date(2026, 9, 28), date(2026, 10, 1), 3, 7),
            RailBox(
                _("Eligibility"),
                RailState.DONE,
                date(2026, 10, 1),
                date(2026, 10, 12),
                11,
                14,
                beside=RailBox(_("Containment"), RailState.SKIPPED, note=_("Slow disease")),
            ),
            RailBox(_("Apheresis"), RailState.DONE, date(2026, 10, 22), days=10, target=10),
            RailBox(
                _("Manufacturing and bridging"),
                RailState.HELD,
                date(2026, 10, 22),
                days=31,
                target=28,
                note=_EBV,
                here=True,
                lanes=(
                    RailBox(_("Manufacturing"), RailState.CURRENT, date(2026, 10, 24), days=29),
                    RailBox(_("Bridging"), RailState.HELD, date(2026, 11, 2), note=_EBV),
                ),
            ),
            RailBox(_("Lymphodepletion"), planned, date(2026, 12, 4)),
            RailBox(_("Infusion"), planned, date(2026, 12, 9)),
            RailBox(_("Follow-up"), planned),
            RailBox(_("Completed"), planned),
        ),
    )


def _cards() -> tuple[CardView, ...]:
    return (
        CardView(
            "BIANCHI, Luca", "BRX-0011", "#", "brexu-cel", 12, 10, line=_("Apheresis slot asked")
        ),
        CardView(
            "GALLI, Sara",
            "BRX-0009",
            "#",
            "brexu-cel",
            31,
            28,
            holds=(_EBV,),
            line=_("Product: in manufacture"),
            mine=True,
        ),
        CardView("VERDI, Giovanni", "BRX-0012", "#", "brexu-cel", 2, 10, mine=True),
        CardView("BRX-0003", "BRX-0003", "#", "brexu-cel", 0, 7),
        CardView(
            "CONTI, Anna",
            "BRX-0002",
            "#",
            "brexu-cel",
            97,
            None,
            day=97,
            need=_("Marrow, 26-Nov-2026"),
        ),
    )


def _moves() -> tuple[MoveView, ...]:
    return (
        MoveView("follow_up", _("To follow-up"), "#"),
        MoveView("apheresis", _("To apheresis"), "#", refusals=(_WASHOUT,)),
        MoveView(
            "lymphodepletion",
            _("To lymphodepletion"),
            allowed=False,
            refusals=(_NOT_YET, _WASHOUT),
        ),
        MoveView("eligibility", _("Back to eligibility"), "#", back=True),
    )


def _timeline() -> tuple[TimelineRow, ...]:
    by = "R. Verdi, 22-Nov-2026 14:05"
    return (
        TimelineRow(PartialDate(2021), _("Diagnosis"), value="B-ALL", facet=_("history")),
        TimelineRow(PartialDate(2025, 3), _("First relapse"), facet=_("history")),
        TimelineRow(
            date(2026, 9, 14),
            _("%(count)s checks met") % {"count": 4},
            -51,
            folded=(TimelineRow(date(2026, 9, 14), _("Vascular access"), recorded=by),) * 4,
        ),
        TimelineRow(date(2026, 9, 15), _("Apheresis"), -50, facet=_("pathway"), recorded=by),
        TimelineRow(
            date(2026, 10, 13),
            _("Product received"),
            -22,
            facet=_("pathway"),
            source=_("synthetic"),
            recorded=by,
            replaced=True,
        ),
        TimelineRow(date(2026, 11, 4), _("Infusion"), 0, facet=_("pathway"), recorded=by),
        TimelineRow(
            date(2026, 11, 9), _("ICANS"), 5, value=_("grade 2"), facet=_("toxicity"), recorded=by
        ),
    )
