"""Screen and grade of a form of IEC-HS that is being filled: by the rules that store it."""

import hashlib
from dataclasses import dataclass

from toxicity.background import Background
from toxicity.bedside.grade_shown import GradeShown, foreseen_shown
from toxicity.bedside.iec_hs_form import IecHsForm
from toxicity.domain.iec_hs import grade_iec_hs
from toxicity.domain.scales import Scale
from toxicity.recording import filled, row_of
from toxicity.regrading import foreseen
from toxicity.wording.iec_hs_words import criteria_words, screen_words


@dataclass(frozen=True)
class IecHsPreview:
    """What the form would give; nothing where the centre has no grade computed."""

    screen: str = ""
    criteria: tuple[str, ...] = ()
    grades: tuple[GradeShown, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """The same for the same words: a reader of the screen hears them once."""
        grades = "".join(f"{one.sentence}{one.unknown}{one.warnings}" for one in self.grades)
        text = "|".join([self.screen, *self.criteria, grades, *self.faults])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def preview_of(form: IecHsForm, instead_of: int | None = None) -> IecHsPreview:
    """Of a form as far as it is filled; one that cannot be read is not graded at all."""
    if not form.computed:
        return IecHsPreview()
    asked = [form[name] for name in form.fields if name not in ("reason", "remark")]
    faults = tuple(f"{field.label}: {error}" for field in asked for error in field.errors)
    if faults:
        return IecHsPreview(faults=faults)
    signs = form.signs()
    if signs is None:
        return IecHsPreview()
    course = form.setting.course
    found = grade_iec_hs(signs, needed=form.setting.rules.iec_hs_limbs.value)
    row = row_of(filled(course, form.seen(), Background.of(course)))
    row.course = course
    grades = foreseen_shown(foreseen(course, row, instead_of=instead_of))
    return IecHsPreview(
        screen_words(found.screen),
        criteria_words(signs),
        tuple(one for one in grades if one.scale == Scale.IEC_HS),
    )
