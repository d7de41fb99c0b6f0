"""What a check said, as labels and words: for its page and beside its correction."""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from accounts.wording import param_in_words
from patients.identity import Named
from toxicity.bedside.check_reading import typed_of
from toxicity.bedside.fields import NO, YES
from toxicity.bedside.iec_hs_form import typed_of as iec_hs_typed
from toxicity.bedside.last_values import value_in_words
from toxicity.bedside.signs_fields import capd_field, crs_fields, icans_fields
from toxicity.calculators.labels import LABELS
from toxicity.domain.icans import ICE_MOST, ice_score
from toxicity.domain.iec_hs import IecHsSigns
from toxicity.domain.scales import SCALE_NAMES
from toxicity.models import Assessment
from toxicity.seen import seen_of
from toxicity.wording.numbers import number_text


def check_facts(user: User, row: Assessment) -> tuple[Named, ...]:
    """When, what, by whom. What could name somebody is left out for who reads codes."""
    facts = [Named(_("When"), str(param_in_words(row.observed_at)))]
    if row.baseline:
        facts.append(Named(_("What"), _("Baseline before the infusion")))
    facts += _signs(row)
    if user.may(Permission.SEE_IDENTITY):
        said = (
            (_("Sentence that the patient writes"), row.handwriting),
            (_("Remark"), row.remark),
            (_("Recorded by"), row.recorded_by),
        )
        facts += [Named(label, text) for label, text in said if text]
    return (*facts, Named(_("Recorded"), str(param_in_words(row.received_at))))


def _signs(row: Assessment) -> list[Named]:
    seen = seen_of(row)
    fields = {**crs_fields(), **icans_fields(child=False), "capd": capd_field()}
    found = [
        Named(fields[name].label or "", value_in_words(fields[name], name, value))
        for name, value in typed_of(seen.crs, seen.icans).items()
        if name != "ice_total"
    ]
    score = None if seen.icans is None else ice_score(seen.icans)
    if score is not None:
        text = "–".join(str(one) for one in dict.fromkeys(score))
        found.insert(0, Named(_("ICE"), f"{text}/{ICE_MOST}"))
    if seen.crs is not None and seen.crs.crs_established:
        found.append(Named(_("CRS established before"), _("Yes")))
    found += _iec_hs(seen.iec_hs)
    for scale, grade in seen.chosen.items():
        text = _("not assessable") if grade is None else str(grade)
        found.append(Named(_("%(scale)s, picked") % {"scale": _(SCALE_NAMES[scale])}, text))
    return found


def _iec_hs(signs: IecHsSigns | None) -> Iterator[Named]:
    """What was said of IEC-HS; what nobody said is left out."""
    answers = {YES: _("Yes"), NO: _("No")}
    for name, value in iec_hs_typed(signs).items():
        label = LABELS[name]
        if isinstance(value, Decimal):
            yield Named(_(label.text), f"{number_text(value)} {label.unit}")
        else:
            yield Named(_(label.text), _("Yes") if value is True else answers[value])
