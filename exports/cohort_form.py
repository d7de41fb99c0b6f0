"""What a cohort is narrowed to, as people type it."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exports.cohort import CohortFilters
from patients.fields import DayField
from protocol.models import Protocol


class CohortForm(forms.Form):
    """The filters; everything may be left blank."""

    blank_note = ""

    product = forms.ChoiceField(label=gettext_lazy("Product"), required=False)
    protocol = forms.ChoiceField(label=gettext_lazy("Protocol"), required=False)
    centre = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput)
    infused_after = DayField(label=gettext_lazy("Infused from"), required=False)
    infused_before = DayField(label=gettext_lazy("Infused until"), required=False)
    search = forms.CharField(label=gettext_lazy("Search"), required=False, max_length=100)

    def __init__(self, data: object, protocols: Iterable[Protocol]) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        known = tuple(protocols)
        products = sorted({one.product for one in known})
        everything = ("", _("All"))
        product, protocol = self.fields["product"], self.fields["protocol"]
        assert isinstance(product, forms.ChoiceField)
        assert isinstance(protocol, forms.ChoiceField)
        product.choices = [everything, *((one, one) for one in products)]
        protocol.choices = [everything, *_versions(known)]

    def clean(self) -> dict[str, object]:
        """The first day is not after the last."""
        given = super().clean() or {}
        first, last = given.get("infused_after"), given.get("infused_before")
        if first and last and first > last:
            self.add_error("infused_before", _("This is before the first day."))
        return given

    def filters(self) -> CohortFilters:
        """What was chosen; only of a form without errors."""
        return CohortFilters(**{name: value for name, value in self.cleaned_data.items() if value})


def _versions(protocols: Iterable[Protocol]) -> list[tuple[str, str]]:
    """Each protocol with all its versions, then each version."""
    found: dict[str, str] = {}
    for one in protocols:
        found.setdefault(one.code, one.code)
        found[f"{one.code}:{one.version}"] = f"{one.code} {one.version}"
    return list(found.items())
