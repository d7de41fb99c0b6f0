"""The grade of a form that is being filled: from the server, never stored, never of a guess."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from toxicity.background import Background
from toxicity.bedside.check_form import CheckForm
from toxicity.bedside.grade_shown import GradeShown, foreseen_shown
from toxicity.bedside.signs_fields import FIELDS_OF
from toxicity.domain.scales import SCALE_NAMES
from toxicity.recording import filled, row_of
from toxicity.regrading import foreseen


@dataclass(frozen=True)
class Unreadable:
    """A scale that cannot be graded for what is typed, and why."""

    name: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """What a form would give."""

    grades: tuple[GradeShown, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    asked: bool = False

    @property
    def digest(self) -> str:
        """The same for the same words: a reader of the screen hears a grade once."""
        said = [f"{one.sentence}{one.change}{one.unknown}{one.warnings}" for one in self.grades]
        text = "|".join([*said, *(f"{one.name}{one.reasons}" for one in self.unreadable)])
        return hashlib.sha256(f"{self.asked}{text}".encode()).hexdigest()[:16]


def preview_of(form: CheckForm, instead_of: int | None = None) -> Preview:
    """The grades of what a form says so far, by the rules that store them.

    A scale of which something typed cannot be read is not graded at all.
    """
    setting = form.setting
    broken = tuple(_unreadable(form))
    names = {one.name for one in broken}
    if "observed_at" not in form.cleaned_data or not setting.computed:
        return Preview(unreadable=broken, asked=True)
    row = row_of(filled(setting.course, form.seen(), Background.of(setting.course)))
    row.course = setting.course
    grades = foreseen_shown(foreseen(setting.course, row, instead_of=instead_of))
    wanted = {_(SCALE_NAMES[scale]) for scale in setting.computed} - names
    return Preview(tuple(one for one in grades if one.name in wanted), broken, asked=True)


def _unreadable(form: CheckForm) -> Iterator[Unreadable]:
    """The scales of which something cannot be read, or contradicts itself."""
    for scale in form.setting.computed:
        fields = [form[name] for name in FIELDS_OF[scale] if name in form.fields]
        reasons = [f"{field.label}: {error}" for field in fields for error in field.errors
                   if not (field.name == "temp_c" and form.doubted is not None)]  # fmt: skip
        if reasons:
            yield Unreadable(_(SCALE_NAMES[scale]), tuple(reasons))
    if "observed_at" in form.errors:
        yield Unreadable(_("Time"), tuple(str(one) for one in form.errors["observed_at"]))
