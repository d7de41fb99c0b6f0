"""A grade as pages show it: numeral and word, because, how firm, what to heed, what changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from toxicity.checks import Check, Review, ScaleGrade
from toxicity.domain.scales import SCALE_NAMES, Origin
from toxicity.walking import Regraded
from toxicity.wording import because, grade_words, status_words, unknown_words, warning_words
from toxicity.wording.stored import grading_of, signs_of

NOT_CRS = frozenset({"crs_never_established", "fever_not_masked"})


@dataclass(frozen=True)
class GradeShown:
    """One scale of one check. `grade` is what stands; `found` where a clinician said otherwise."""

    pk: int
    scale: str
    name: str
    grade: int | None
    found: int | None
    word: str
    because: str = ""
    status: str = ""
    warnings: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    not_crs: bool = False  # low pressure or oxygen without a fever: never just a reassuring 0
    picked: bool = False
    rule_version: str = ""
    review: Review | None = None
    lost: Review | None = None  # a clinician's word of a higher grade, before a correction
    change: str = ""

    @property
    def text(self) -> str:
        """`CRS 2`, `ICANS not gradeable`."""
        return f"{self.name} {self.word if self.grade is None else self.grade}"

    @property
    def sentence(self) -> str:
        """Grade and why on one line, for a message."""
        return f"{self.text} {self.because}".strip()


def shown(check: Check, found: ScaleGrade, before: int | None = None) -> GradeShown:
    """A grade of a check with its words; `before` is the one that stood before it in time."""
    name = _(SCALE_NAMES[found.scale])
    said = check.assessment.signs.get(found.scale)
    picked = found.origin is Origin.RECORDED
    explained: dict[str, object] = {}
    if said is not None and not picked:
        grading = grading_of(found)
        signs = signs_of(found.scale, said, grading)
        explained = {
            "because": because(grading, signs),
            "status": status_words(grading),
            "warnings": warning_words(grading.warnings),
            "unknown": unknown_words(grading, signs),
            "not_crs": _is_no_crs(found),
        }
    return GradeShown(
        pk=found.pk,
        scale=found.scale,
        name=name,
        grade=found.grade,
        found=found.found,
        word=_("not assessable") if picked and found.grade is None else grade_words(found.grade),
        picked=picked,
        rule_version=found.rule_version,
        review=found.review,
        lost=found.lost,
        change=_change(name, before, found.grade),
        **explained,  # type: ignore[arg-type]
    )


def shown_of(check: Check) -> list[GradeShown]:
    """Every grade of a stored check, in the order of the scales."""
    return [shown(check, check.grades[scale]) for scale in SCALE_NAMES if scale in check.grades]


def foreseen_shown(found: Iterable[Regraded]) -> list[GradeShown]:
    """Grades that are not stored yet, or were just now."""
    return [shown(one.check, one.grade, one.before) for one in found]


def sentences(grades: Sequence[GradeShown]) -> str:
    """The grades of a check on one line."""
    return "; ".join(one.sentence for one in grades)


def _is_no_crs(found: ScaleGrade) -> bool:
    return any(one["code"] in NOT_CRS for one in found.warnings)


def _change(name: str, before: int | None, grade: int | None) -> str:
    if before is None or grade is None or before == grade:
        return ""
    return _("%(scale)s %(before)s → %(grade)s since the last check") % {
        "scale": name, "before": before, "grade": grade,
    }  # fmt: skip
