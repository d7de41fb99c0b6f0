"""The form of an assessment of IEC-HS: numbers proposed from the chart, judgements never preset."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.wording import add_refusals
from patients.fields import NumberField
from terms.refusals import Refused
from toxicity.background import Background
from toxicity.bedside.check_reading import chosen_of
from toxicity.bedside.fields import NO, NOT_KNOWN, YES, TickField, TriStateField
from toxicity.bedside.seen_at import seen_at_field
from toxicity.bedside.setting import Setting
from toxicity.bedside.signs_fields import grade_field
from toxicity.calculators.labels import LABELS
from toxicity.calculators.pages import TableShown, table_shown
from toxicity.calculators.tables import TABLES
from toxicity.check_faults import faults_of
from toxicity.domain.iec_hs import IecHsSigns
from toxicity.domain.ranges import RANGES
from toxicity.domain.rules import Mode
from toxicity.domain.scales import Scale
from toxicity.iec_hs_sayings import may_say, said_before
from toxicity.models import Assessment
from toxicity.seen import Seen, seen_of

GRADE = f"{Scale.IEC_HS.value}_grade"
NUMBERS = (
    "ferritin", "ferritin_uln", "ferritin_baseline", "ast", "ast_uln", "ast_baseline", "alt",
    "alt_uln", "alt_baseline", "fibrinogen", "fibrinogen_lln",
)  # fmt: skip
CRITERIA = ("ferritin_rapid_rise", "cytopenia_g4_new", "hemophagocytosis")
JUDGED = ("other_cause", "confirmed", "intervention", "severe", "life_threatening", "death")
SAYINGS = ("other_cause", "confirmed", "over")  # asked of a haematologist, told to others
_FOLLOWING = frozenset({"nothing_seen", "grade_needed"})


class IecHsForm(forms.Form):
    """What was seen of IEC-HS at one moment. `key` is made when the form is opened."""

    blank_note = ""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        setting: Setting,
        actor: User,
        initial: Mapping[str, Any],
        stood: Assessment | None = None,
    ) -> None:
        """`stood` is the check that is corrected: what it says of other scales stays said."""
        super().__init__(data, initial=dict(initial))
        self.setting, self.stood = setting, stood
        self.asks = may_say(actor)
        self.fields["observed_at"] = seen_at_field(setting, stood)
        self.fields |= {name: _number(name) for name in NUMBERS}
        for name in (*CRITERIA, *JUDGED):
            self.fields[name] = TriStateField(label=_label(name))
        self.fields["over"] = TickField(label=_label("over"))
        if not self.asks:
            for name in SAYINGS:
                del self.fields[name]
        if not self.computed:
            self.fields[GRADE] = grade_field()
        self.fields["remark"] = forms.CharField(
            label=gettext_lazy("Remark"), required=False, max_length=500,
            widget=forms.Textarea(attrs={"rows": 2}),
        )  # fmt: skip

    @property
    def computed(self) -> bool:
        """Whether the centre has the grade computed; else it is picked beside the tables."""
        return self.setting.rules.mode(Scale.IEC_HS) is Mode.COMPUTED

    def clean(self) -> dict[str, Any]:
        """Besides each field what the service would say, where something cannot be read."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors or "observed_at" not in cleaned:
            return cleaned
        course, corrects = self.setting.course, self.stood is not None
        found = faults_of(
            course, self.seen(), self.setting.now, Background.of(course), corrects=corrects
        )
        left = [fault for fault in found if fault.code not in _FOLLOWING]
        if left:
            add_refusals(self, Refused(left))
        return cleaned

    def signs(self) -> IecHsSigns | None:
        """What a form that was read says; None where nothing was answered."""
        names = (*NUMBERS, *CRITERIA, *JUDGED, "over")
        given: dict[str, Any] = {name: self.cleaned_data.get(name) for name in names}
        for name in ("confirmed", "over"):
            given[name] = bool(given[name])
        signs = IecHsSigns(**given)
        if not self.asks and (self.stood is not None or signs != IecHsSigns()):
            at = self.cleaned_data["observed_at"]
            said = said_before(self.setting.course, at, self.stood)
            signs = replace(signs, **asdict(said))
        return None if signs == IecHsSigns() else signs

    @property
    def told(self) -> tuple[str, ...]:
        """What a haematologist said so far, to whoever is not asked."""
        if self.asks:
            return ()
        said = asdict(said_before(self.setting.course, self.setting.now, self.stood))
        # Of a new check another cause is asked anew: what was said of an earlier one is no answer.
        names = SAYINGS if self.stood is not None else SAYINGS[1:]
        return tuple(
            _("%(what)s: %(answer)s. A haematologist says it.")
            % {"what": _label(name), "answer": _answer(name, said[name])}
            for name in names
        )

    def seen(self) -> Seen:
        """The same as it is stored, with what stood of other scales."""
        given = self.cleaned_data
        picked = () if self.computed else (Scale.IEC_HS.value,)
        base = Seen(given["observed_at"]) if self.stood is None else seen_of(self.stood)
        others = {n: grade for n, grade in base.chosen.items() if n != Scale.IEC_HS}
        return replace(
            base,
            observed_at=given["observed_at"],
            iec_hs=self.signs(),
            chosen=others | chosen_of(given, picked),
            remark=given.get("remark", ""),
            confirmed=self.stood is not None,  # a temperature that stands was confirmed then
        )

    @property
    def tables(self) -> tuple[TableShown, ...]:
        """The published tables, shown where the grade is picked."""
        return () if self.computed else tuple(table_shown(one) for one in TABLES["iec-hs"])

    def parts(self) -> tuple[tuple[str, tuple[forms.BoundField, ...]], ...]:
        """The fields under their headings."""
        return (
            (_("Laboratory"), tuple(self[name] for name in NUMBERS)),
            (_("Other criteria"), tuple(self[name] for name in CRITERIA)),
            (
                _("What a clinician says"),
                tuple(self[name] for name in (*JUDGED, "over") if name in self.fields),
            ),
        )


def typed_of(signs: IecHsSigns | None) -> dict[str, Any]:
    """What the form would have to say for it to mean these signs; nothing for what is not known."""
    if signs is None:
        return {}
    found: dict[str, Any] = {name: getattr(signs, name) for name in NUMBERS}
    for name in (*CRITERIA, *JUDGED):
        said = getattr(signs, name)
        found[name] = None if said is None else YES if said else NO
    # Nobody is asked to unsay what nobody said: a check that confirms nothing may have asked.
    found["confirmed"] = YES if signs.confirmed else None
    found["over"] = signs.over or None
    return {name: value for name, value in found.items() if value is not None}


def picked_of(row: Assessment) -> dict[str, str]:
    """The grade that was picked, as the form says it."""
    chosen = seen_of(row).chosen
    if Scale.IEC_HS not in chosen:
        return {}
    grade = chosen[Scale.IEC_HS]
    return {GRADE: NOT_KNOWN if grade is None else str(grade)}


def _answer(name: str, said: bool | None) -> str:
    """What was said; that nobody confirmed it, or said it is over, is no answer."""
    if said:
        return _("yes")
    return _("no") if name == "other_cause" and said is False else _("not said")


def _label(name: str) -> Any:
    return gettext_lazy(LABELS[name].text)


def _number(name: str) -> NumberField:
    stem = name.partition("_")[0]
    low, high = RANGES["transaminase" if stem in ("ast", "alt") else stem]
    low = low if name == stem or name.endswith("_baseline") else Decimal(1)
    return NumberField(label=_label(name), unit=LABELS[name].unit, required=False, low=low,
                       high=high)  # fmt: skip
