"""What each scale takes, with the names of the published scales; the API and the pages ask it."""

from datetime import date
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.strict_inputs import StrictInput
from toxicity.domain import crs, icans
from toxicity.domain.daily import Sample
from toxicity.domain.icaht import Course
from toxicity.inputs.fields import (
    AtField,
    Flag,
    NumberField,
    PastDayField,
    TriState,
    WholeField,
    Word,
)

ICE_ITEMS = ("year", "month", "city", "hospital", "command", "sentence", "attention", "naming")
MOST_SAMPLES = 5_000


class CrsIn(StrictInput):
    """The signs of CRS; what is left out is not known."""

    temp_c = NumberField("temp_c")
    fever_other_cause = TriState()
    crs_established = Flag()
    fever_masked = TriState()
    hypotension = TriState()
    vasopressors = serializers.ListField(
        child=serializers.ChoiceField(choices=crs.VASOPRESSORS), required=False, allow_null=True
    )
    o2_device = Word(crs.DEVICES)
    o2_flow_lpm = NumberField("o2_flow_lpm")
    o2_is_baseline = Flag()
    ppv_reason = Word(crs.PPV_REASONS)
    death_due_to_crs = Flag()


class IcansIn(StrictInput):
    """The signs of ICANS; what is left out is not known."""

    ice_year = WholeField(1)
    ice_month = WholeField(1)
    ice_city = WholeField(1)
    ice_hospital = WholeField(1)
    ice_command = WholeField(1)
    ice_sentence = WholeField(1)
    ice_attention = WholeField(1)
    ice_naming = WholeField(3)
    ice_total = WholeField(icans.ICE_MOST)
    ice_not_done_reason = Word(icans.NOT_DONE)
    arousal = Word(icans.AROUSAL)
    sedated = Flag()
    seizure = Word(icans.SEIZURE)
    deep_motor_weakness = TriState()
    icp = Word(icans.ICP)
    intracranial_haemorrhage = Flag()
    death_due_to_icans = Flag()
    age_years = WholeField(130)
    capd = WholeField(32)
    baseline_ice = WholeField(icans.ICE_MOST)


class IecHsIn(StrictInput):
    """Results and judgements about IEC-HS; what is left out is not known."""

    ferritin = NumberField("ferritin")
    ferritin_uln = NumberField("ferritin", above_zero=True)
    ferritin_baseline = NumberField("ferritin", above_zero=True)
    ferritin_rapid_rise = TriState()
    ast = NumberField("transaminase")
    ast_uln = NumberField("transaminase", above_zero=True)
    ast_baseline = NumberField("transaminase", above_zero=True)
    alt = NumberField("transaminase")
    alt_uln = NumberField("transaminase", above_zero=True)
    alt_baseline = NumberField("transaminase", above_zero=True)
    fibrinogen = NumberField("fibrinogen")
    fibrinogen_lln = NumberField("fibrinogen", above_zero=True)
    cytopenia_g4_new = TriState()
    hemophagocytosis = TriState()
    other_cause = TriState()
    confirmed = Flag()
    intervention = TriState()
    severe = TriState()
    life_threatening = TriState()
    death = TriState()
    over = Flag()


class AncSampleIn(StrictInput):
    """Neutrophils per microlitre on a day."""

    at = AtField()
    anc = NumberField("anc", required=True, allow_null=False)


class PltSampleIn(StrictInput):
    """Platelets in 10^9/L on a day."""

    at = AtField()
    plt = NumberField("plt", required=True, allow_null=False)


class Cd19SampleIn(StrictInput):
    """CD19+ cells per microlitre on a day."""

    at = AtField()
    cd19 = NumberField("cd19", required=True, allow_null=False)


class _CountsIn(StrictInput):
    """A course and what ends the counting; without `as_of` the last sample does."""

    infusion_date = PastDayField()
    as_of = PastDayField(required=False, allow_null=True)
    death_date = PastDayField(required=False, allow_null=True)
    progression_date = PastDayField(required=False, allow_null=True)
    next_therapy_date = PastDayField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Nothing of the course lies before its infusion."""
        infused = attrs["infusion_date"]
        message = _("This is before the infusion.")
        early = {
            name: [serializers.ErrorDetail(str(message), code="before_infusion")]
            for name, on in attrs.items()
            if isinstance(on, date) and on < infused
        }
        if early:
            raise serializers.ValidationError(early)
        return attrs


class IcahtIn(_CountsIn):
    """Neutrophils after an infusion."""

    series = serializers.ListField(child=AncSampleIn(), max_length=MOST_SAMPLES)


class TIcahtIn(_CountsIn):
    """Platelets after an infusion."""

    series = serializers.ListField(child=PltSampleIn(), max_length=MOST_SAMPLES)


class HematotoxIn(StrictInput):
    """The last values before lymphodepletion."""

    plt = NumberField("plt")
    anc = NumberField("anc")
    hb = NumberField("hb")
    crp = NumberField("crp")
    ferritin = NumberField("ferritin")


class EasixIn(StrictInput):
    """LDH, creatinine, platelets and CRP."""

    ldh = NumberField("ldh")
    creatinine = NumberField("creatinine")
    plt = NumberField("plt")
    crp = NumberField("crp")


class BCellsIn(StrictInput):
    """Samples, and the threshold below which is aplasia."""

    series = serializers.ListField(child=Cd19SampleIn(), max_length=MOST_SAMPLES)
    threshold = NumberField("cd19", above_zero=True, required=True, allow_null=False)


def crs_signs(given: dict[str, Any]) -> crs.CrsSigns:
    """What a valid input of CRS says, as the scale takes it."""
    pressors = given.get("vasopressors")
    signs = given | {"vasopressors": None if pressors is None else frozenset(pressors)}
    return crs.CrsSigns(**signs)


def icans_signs(given: dict[str, Any]) -> icans.IcansSigns:
    """What a valid input of ICANS says, as the scale takes it."""
    items = {name: given.get(f"ice_{name}") for name in ICE_ITEMS}
    rest = {name: value for name, value in given.items() if name.removeprefix("ice_") not in items}
    return icans.IcansSigns(ice=icans.IceItems(**items), **rest)


def course_and_samples(given: dict[str, Any], count: str) -> tuple[Course, list[Sample]]:
    """What a valid input of counts says, as the scale takes it."""
    infused = given["infusion_date"]
    samples = [Sample(one["at"], Fraction(one[count])) for one in given["series"]]
    ends = [given.get(name) for name in ("death_date", "progression_date", "next_therapy_date")]
    # Without a day of its own it is as of the last thing that is told.
    last = max(on for on in (infused, *ends, *(one.on for one in samples)) if on is not None)
    course = Course(
        infused_on=infused,
        as_of=given.get("as_of") or last,
        died_on=given.get("death_date"),
        progressed_on=given.get("progression_date"),
        next_therapy_on=given.get("next_therapy_date"),
    )
    return course, samples
