"""The form of a bedside check: one screen, nothing preset, everything wrong said at once."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.wording import add_refusals, in_words
from patients.ticks import about
from terms.refusals import Refused
from toxicity.background import Background
from toxicity.bedside.check_reading import chosen_of, crs_of, icans_of
from toxicity.bedside.contradictions import contradictions
from toxicity.bedside.seen_at import seen_at_field
from toxicity.bedside.setting import Setting
from toxicity.bedside.signs_fields import (
    FIELDS_OF,
    ICE_FIELDS,
    crs_fields,
    grade_field,
    icans_fields,
    ice_fields,
)
from toxicity.calculators.pages import TableShown, table_shown
from toxicity.calculators.tables import TABLES
from toxicity.check_faults import faults_of, unusual
from toxicity.domain.scales import SCALE_TITLES, Scale
from toxicity.models import Assessment
from toxicity.seen import Seen, seen_of

SEVERAL = frozenset({"vasopressors"})
_ASIDE = frozenset({*ICE_FIELDS, "death_due_to_crs", "death_due_to_icans"})
# Nothing was seen, or no grade picked, only as long as something cannot be read.
_FOLLOWING = frozenset({"nothing_seen", "grade_needed", "confirm_temp"})


@dataclass(frozen=True)
class Part:
    """The fields of one scale, with how its grade comes about."""

    scale: str
    title: str
    fields: tuple[forms.BoundField, ...]
    grade: forms.BoundField | None = None  # where it is picked, beside the tables
    tables: tuple[TableShown, ...] = ()


class CheckForm(forms.Form):
    """What was seen at one moment. `key` is made when the form is opened."""

    blank_note = ""

    key = forms.UUIDField(widget=forms.HiddenInput)
    baseline = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        setting: Setting,
        initial: Mapping[str, Any],
        stood: Assessment | None = None,
    ) -> None:
        """`stood` is the check that is corrected: what the form does not ask for stays said."""
        super().__init__(data, initial={**initial, "baseline": setting.baseline or None})
        self.setting, self.stood = setting, stood
        self.doubted: Decimal | None = None  # a temperature that nobody confirmed
        self.fields["observed_at"] = seen_at_field(setting, stood)
        self.fields |= _signs_fields(setting)
        self.fields["remark"] = forms.CharField(
            label=gettext_lazy("Remark"), required=False, max_length=500,
            widget=forms.Textarea(attrs={"rows": 2}),
        )  # fmt: skip
        if not setting.baseline:
            about(self, "confirmed", "temp_c")

    def clean(self) -> dict[str, Any]:
        """Besides each field: answers that cannot both be true, and what the service would say."""
        cleaned: dict[str, Any] = super().clean() or {}
        for name, message in contradictions(cleaned):
            self.add_error(name, message)
        for refusal in unusual(
            self.setting.rules, crs_of(cleaned), confirmed=cleaned.get("confirmed", True)
        ):
            self.doubted = cleaned["temp_c"]
            self.add_error("temp_c", in_words(refusal))
        if not self.errors or "observed_at" not in cleaned:
            return cleaned
        now, course = self.setting.now, self.setting.course
        corrects = self.stood is not None
        found = faults_of(course, self.seen(), now, Background.of(course), corrects=corrects)
        left = [fault for fault in found if fault.code not in _FOLLOWING]
        if left:
            add_refusals(self, Refused(left))
        return cleaned

    def seen(self) -> Seen:
        """What a form that was read says. Of what it cannot read nothing is known."""
        given, stood = {"temp_c": self.doubted} | self.cleaned_data, self.stood
        seen = Seen(
            observed_at=given["observed_at"],
            crs=None if self.setting.baseline else crs_of(given),
            icans=icans_of(given),
            chosen=chosen_of(given, self.setting.picked),
            baseline=self.setting.baseline,
            handwriting=given.get("handwriting", ""),
            remark=given.get("remark", ""),
            confirmed=bool(given.get("confirmed")),
        )
        return seen if stood is None else with_what_stood(seen, stood, set(self.fields))

    def parts(self) -> Iterator[Part]:
        """The scales as the page shows them, without what is folded away."""
        for scale, names in FIELDS_OF.items():
            shown = [name for name in names if name in self.fields and name not in _ASIDE]
            if shown:
                picked = f"{scale}_grade"
                asked = [name for name in shown if name != "confirmed" or self.asks_again]
                part = Part(scale, _(SCALE_TITLES[scale]), tuple(self[name] for name in asked))
                if picked in self.fields:
                    tables = tuple(table_shown(table) for table in TABLES[scale])
                    part = replace(part, grade=self[picked], tables=tables)
                yield part

    @property
    def asks_again(self) -> bool:
        """Whether somebody has to say that an unusual temperature is right."""
        return self.doubted is not None or bool(self["confirmed"].value())

    @property
    def ice_items(self) -> Sequence[forms.BoundField]:
        """The items of ICE, folded away until one of them is answered."""
        return [self[name] for name in ICE_FIELDS if name in self.fields]

    @property
    def deaths(self) -> Sequence[forms.BoundField]:
        """Deaths by a toxicity, folded away."""
        return [self[name] for name in sorted(_ASIDE - set(ICE_FIELDS)) if name in self.fields]

    @property
    def unfolded(self) -> Mapping[str, bool]:
        """Which of the folded parts hold something."""
        held = {"ice": self.ice_items, "deaths": self.deaths}
        return {name: any(f.value() or f.errors for f in fields) for name, fields in held.items()}


def typed(data: QueryDict) -> dict[str, Any]:
    """What somebody typed, to be shown again as it is, without saying yet what is wrong."""
    return {
        name: data.getlist(name) if name in SEVERAL else data.get(name)
        for name in data
        if name != "csrfmiddlewaretoken"
    }


def _signs_fields(setting: Setting) -> dict[str, forms.Field]:
    if setting.baseline:
        writes = forms.CharField(
            label=gettext_lazy("Sentence that the patient writes"), required=False, max_length=200,
            help_text=gettext_lazy("Word for word: later checks compare with it."),
        )  # fmt: skip
        return {**ice_fields(), "handwriting": writes}
    fields = {**crs_fields(), **icans_fields(child=setting.child)}
    return fields | {f"{scale}_grade": grade_field() for scale in setting.picked}


def with_what_stood(seen: Seen, stood: Assessment, asked: Collection[str]) -> Seen:
    """What the form does not ask for, as the check that is corrected said it."""
    old = seen_of(stood)
    crs = seen.crs
    if crs is not None and old.crs is not None:
        crs = replace(crs, crs_established=old.crs.crs_established)
    chosen = dict(seen.chosen)
    if Scale.IEC_HS in old.chosen:
        chosen[Scale.IEC_HS.value] = old.chosen[Scale.IEC_HS]
    icans = seen.icans
    if icans is not None and old.icans is not None:
        # A child is asked CAPD and an adult ICE; what was said of the other one stays.
        ice = ("ice", "ice_total", "ice_not_done_reason")
        kept = ice if "capd" in asked else ("capd",)
        icans = replace(icans, **{name: getattr(old.icans, name) for name in kept})
    return replace(seen, crs=crs, icans=icans, iec_hs=old.iec_hs, chosen=chosen)
