"""The fields of each scale at the bedside, made of the scales' own lists, and their order."""

from collections.abc import Mapping
from types import MappingProxyType

from django import forms
from django.utils.translation import gettext_lazy as _

from patients.fields import NumberField
from patients.ticks import AboutTick
from toxicity.bedside.fields import (
    NOT_KNOWN,
    AnswerField,
    TemperatureField,
    TickField,
    TriStateField,
    WholeField,
    words_of,
)
from toxicity.domain.icans import ICE_MOST
from toxicity.domain.ranges import RANGES
from toxicity.domain.scales import MOST, Scale

NORMAL, FLUIDS, PRESSORS, LOW = "normal", "fluids", "pressors", "low"
ICE_ITEMS: Mapping[str, int] = MappingProxyType(
    {"year": 1, "month": 1, "city": 1, "hospital": 1, "naming": 3, "command": 1, "sentence": 1,
     "attention": 1}
)  # fmt: skip
ICE_FIELDS = tuple(f"ice_{name}" for name in ICE_ITEMS)
ICE_LABELS = MappingProxyType(
    {
        "year": _("Year"),
        "month": _("Month"),
        "city": _("City"),
        "hospital": _("This hospital"),
        "naming": _("Three objects named"),
        "command": _("Follows a command"),
        "sentence": _("Writes a sentence"),
        "attention": _("Counts back from 100 by ten"),
    }
)
# Said again at each check: never carried over from an earlier one. Sedation and another cause of
# the fever take a sign away, so they are said anew together with it.
NEVER_CARRIED = frozenset(
    {"temp_c", "fever_other_cause", "fever_masked", "confirmed", "arousal", "sedated", "capd",
     "ice_total", "ice_not_done_reason", "o2_is_baseline", "ppv_reason", "intracranial_haemorrhage",
     "death_due_to_crs", "death_due_to_icans", *ICE_FIELDS}
)  # fmt: skip
FIELDS_OF: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        Scale.CRS: (
            "temp_c", "confirmed", "fever_other_cause", "fever_masked", "pressure", "vasopressors",
            "o2_device", "o2_flow_lpm", "o2_is_baseline", "ppv_reason", "death_due_to_crs",
        ),
        Scale.ICANS: (
            "ice_total", *ICE_FIELDS, "ice_not_done_reason", "capd", "arousal", "sedated",
            "seizure", "deep_motor_weakness", "icp", "intracranial_haemorrhage",
            "death_due_to_icans",
        ),
    }
)  # fmt: skip


def crs_fields() -> dict[str, forms.Field]:
    """What is asked about CRS."""
    low, high = RANGES["o2_flow_lpm"]
    flow = NumberField(label=_("Flow"), unit="L/min", required=False, low=low, high=high)
    flow.widget.attrs["placeholder"] = " "  # so that the stylesheet knows whether it is empty
    return {
        "temp_c": TemperatureField(label=_("Highest temperature since the last check")),
        "confirmed": forms.BooleanField(
            label=_("I measured again: this temperature is right"),
            required=False,
            widget=AboutTick,
        ),
        "fever_other_cause": TriStateField(label=_("Does the fever have another cause?")),
        "fever_masked": TriStateField(
            label=_("Antipyretic, anticytokine or steroid given since CRS began?")
        ),
        "pressure": AnswerField(
            label=_("Blood pressure, if nothing else explains it"),
            choices=[
                (NORMAL, _("normal, no vasopressor")),
                (FLUIDS, _("low, fluids alone")),
                (PRESSORS, _("on vasopressors")),
                (LOW, _("low, vasopressors not known")),
            ],
        ),
        "vasopressors": forms.MultipleChoiceField(
            label=_("Which vasopressors"),
            required=False,
            choices=words_of("vasopressors"),
            widget=forms.CheckboxSelectMultiple,
        ),
        "o2_device": AnswerField(label=_("Oxygen"), choices=words_of("o2_device")),
        "o2_flow_lpm": flow,
        "o2_is_baseline": TickField(label=_("The same oxygen as at home, unchanged")),
        "ppv_reason": AnswerField(label=_("Why ventilated"), choices=words_of("ppv_reason")),
        "death_due_to_crs": TickField(label=_("Death due to CRS")),
    }


def icans_fields(*, child: bool) -> dict[str, forms.Field]:
    """What is asked about ICANS; for a child CAPD in place of ICE."""
    cognition = {"capd": capd_field()} if child else ice_fields()
    return {
        **cognition,
        "arousal": AnswerField(label=_("Awakens"), choices=words_of("arousal")),
        "sedated": TickField(label=_("Sedated")),
        "seizure": AnswerField(label=_("Seizures"), choices=words_of("seizure")),
        "deep_motor_weakness": TriStateField(
            label=_("Deep focal weakness"), help_text=_("Such as hemiparesis or paraparesis.")
        ),
        "icp": AnswerField(label=_("Oedema or raised pressure"), choices=words_of("icp")),
        "intracranial_haemorrhage": TickField(label=_("Intracranial haemorrhage")),
        "death_due_to_icans": TickField(label=_("Death due to ICANS")),
    }


def ice_fields() -> dict[str, forms.Field]:
    """ICE: its total or its items, or why it was not done."""
    items: dict[str, forms.Field] = {
        f"ice_{name}": AnswerField(
            label=ICE_LABELS[name],
            choices=[(str(score), str(score)) for score in range(most + 1)]
            if most > 1
            else [("1", _("✓ right")), ("0", _("✗ wrong"))],
            coerce=int,
            not_known=_("not asked"),
        )
        for name, most in ICE_ITEMS.items()
    }
    return {
        "ice_total": WholeField(label=_("ICE"), most=ICE_MOST, unit="/10"),
        **items,
        "ice_not_done_reason": forms.ChoiceField(
            label=_("ICE not done, because"),
            required=False,
            choices=[("", "—"), *words_of("ice_not_done_reason")],
        ),
    }


def capd_field() -> forms.Field:
    """CAPD, for children."""
    return WholeField(label=_("CAPD"), most=32, help_text=_("Cornell Assessment, from 0 to 32."))


def grade_field() -> forms.Field:
    """The grade that whoever looks picks beside the published table; 5 is a recorded death."""
    return forms.ChoiceField(
        label=_("Grade"),
        required=False,
        choices=[
            *((str(grade), str(grade)) for grade in range(MOST)),
            (str(MOST), _("5, death")),
            (NOT_KNOWN, _("not assessable")),
        ],
        widget=forms.RadioSelect,
    )
