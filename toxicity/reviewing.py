"""A clinician's word about a grade: confirmed, another grade, or another cause; both are kept."""

from datetime import datetime

from django.db import transaction

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from audit.recording import record
from patients.courses import lock_course
from patients.models import Course
from patients.survival import standing_death
from protocol.selectors import settings_of
from terms.refusals import Overtaken, Refusal, Refused
from terms.words import N_
from toxicity.checks import Check, check_with_grades, checks_of, infusion_day
from toxicity.domain.escalation import why_told
from toxicity.domain.rules import ToxicityRules
from toxicity.domain.scales import MOST, SCALE_NAMES, VERDICT_NAMES, Verdict
from toxicity.escalating import escalate, take_back, tell
from toxicity.models import Assessment, AssessmentGrade, GradeReview
from toxicity.regrading import regrade
from toxicity.seen import CHOSEN


@transaction.atomic
def review_grade(
    *,
    grade_id: int,
    verdict: str,
    grade: int | None = None,
    reason: str = "",
    answers: int | None = None,
    actor: User,
    now: datetime,
) -> GradeReview:
    """Say what a clinician makes of a grade. Another one, or another cause, needs a reason.

    `answers` is the review that stood when the grade was read, None where nobody had spoken; the
    same word said again by the same person is stored once. Confirming grade 0 while an episode is
    open says that the episode is over. Raises Overtaken where somebody spoke meanwhile, Refused
    with everything wrong at once (also for a grade that stands no longer), NotAllowed,
    AssessmentGrade.DoesNotExist.
    """
    seen = AssessmentGrade.objects.visible_to(actor)
    course_id = seen.values_list("assessment__course_id", flat=True).get(pk=grade_id)
    course = lock_course(course_id, actor=actor)
    require(actor, Permission.REVIEW_GRADES)
    row = seen.select_related("assessment").get(pk=grade_id)
    faults = _faults(row, verdict, grade, reason)
    stands = row.reviews.last()
    review = None if faults else _word(row, Verdict(verdict), grade, reason, actor, now)
    if stands is not None and stands.pk != answers:
        if review is not None and _says(stands) == _says(review):
            return stands
        raise Overtaken([_spoken(stands), *faults], _standing(stands))
    if review is None:
        raise Refused(faults)
    stood = check_with_grades(row.assessment)
    review.save(force_insert=True)
    _count_anew(course, review, stood, actor, now)
    record(
        actor=actor,
        now=now,
        action="grade.review",
        obj=review,
        course_id=course.pk,
        patient_id=course.patient_id,
        reason=review.reason,
        before={"scale": row.scale, "grade": row.grade},
        after={"verdict": review.verdict, "grade": review.grade},
    )
    return review


def _word(
    row: AssessmentGrade,
    verdict: Verdict,
    grade: int | None,
    reason: str,
    actor: User,
    now: datetime,
) -> GradeReview:
    """The word that nothing stands against, not stored."""
    theirs = {Verdict.CONFIRMED: row.grade, Verdict.OTHER_CAUSE: 0}.get(verdict, grade)
    return GradeReview(
        of=row,
        verdict=verdict.value,
        grade=theirs,
        reason=reason.strip(),
        at=now,
        by=actor.get_username(),
    )


def _says(word: GradeReview) -> tuple[object, ...]:
    return word.by, word.verdict, word.grade, word.reason


def _spoken(word: GradeReview) -> Refusal:
    message = N_(
        "%(who)s has spoken meanwhile, on %(at)s: %(verdict)s, grade %(grade)s. %(reason)s "
        "Read that first; whoever still says otherwise saves again."
    )
    params = _standing(word) | {"who": word.by, "verdict": VERDICT_NAMES[word.verdict]}
    return Refusal(code="spoken_meanwhile", message=message, params=params)


def _standing(word: GradeReview) -> dict[str, object]:
    """A review that stands, as data."""
    return {
        "id": word.pk,
        "verdict": word.verdict,
        "grade": word.grade,
        "reason": word.reason,
        "by": word.by,
        "at": word.at,
    }


def carry_words(
    course: Course, old: Assessment, new: Assessment, *, actor: User, now: datetime
) -> None:
    """Keep a clinician's word where a correction left what was seen of its scale as it was.

    Whoever put a remark right said nothing of the grade. Where signs or grade are others, the word
    is asked for again.
    """
    carried = []
    for scale in SCALE_NAMES:
        word = GradeReview.objects.filter(of__assessment=old, of__scale=scale).last()
        grade = new.grades.filter(scale=scale).last()
        if word is None or grade is None or not _same(old, new, scale):
            continue
        alike = (word.of.grade, word.of.status) == (grade.grade, grade.status)
        carried += [_copy(word, grade)] * alike
    for review in carried:
        stood = check_with_grades(new)
        review.save(force_insert=True)
        record(
            actor=actor,
            now=now,
            action="grade.carry",
            obj=review,
            course_id=course.pk,
            patient_id=course.patient_id,
            after={"scale": review.of.scale, "verdict": review.verdict, "by": review.by},
        )
        _count_anew(course, review, stood, actor, now)


def _copy(word: GradeReview, grade: AssessmentGrade) -> GradeReview:
    """The same word of the same person about another row, not stored."""
    return GradeReview(
        of=grade, verdict=word.verdict, grade=word.grade, reason=word.reason, at=word.at, by=word.by
    )


def _same(old: Assessment, new: Assessment, scale: str) -> bool:
    """Whether both say the same of a scale, at the same moment."""
    said = [
        (one.observed_at, one.signs.get(scale), one.signs.get(CHOSEN, {}).get(scale))
        for one in (old, new)
    ]
    return said[0] == said[1]


def _count_anew(
    course: Course, review: GradeReview, stood: Check, actor: User, now: datetime
) -> None:
    """Grades and episodes with the clinician's word; people are told of what stands by it now.

    `stood` is the check as it was until then, with an earlier word of a clinician.
    """
    because = f"review:{review.pk}"
    day_zero = infusion_day(course)
    graded = regrade(course, day_zero, actor=actor, now=now, because=because, stood=stood)
    escalate(course, graded, actor=actor, now=now)
    row, theirs = review.of, review.grade
    was = stood.grades[row.scale]
    if theirs == was.grade and was.lost is None:
        return
    take_back(course, row.assessment, row.scale, actor=actor, now=now)
    rules = ToxicityRules.of(settings_of(course.protocol)).escalation
    if why_told(rules, row.scale, _before(course, row), theirs):
        tell(course, row.assessment, row.scale, theirs, actor=actor, now=now)


def _before(course: Course, row: AssessmentGrade) -> int | None:
    """The grade of the scale that stands for the check before in time; None where none is."""
    known = [
        check.grade(row.scale) for check in checks_of(course) if check.place < row.assessment.place
    ]
    return next((grade for grade in reversed(known) if grade is not None), None)


def _faults(row: AssessmentGrade, verdict: str, grade: int | None, reason: str) -> list[Refusal]:
    found = []
    if verdict not in set(Verdict):
        message = N_("Say whether you confirm it, give another grade, or see another cause.")
        return [Refusal(code="no_such_verdict", message=message, field="verdict")]
    later = AssessmentGrade.objects.filter(
        assessment=row.assessment_id, scale=row.scale, pk__gt=row.pk
    )
    if later.exists() or hasattr(row.assessment, "replaced_by"):
        message = N_("This grade stands no longer: look at what stands now.")
        found.append(Refusal(code="grade_replaced", message=message))
    if grade is not None and verdict != Verdict.OVERRIDDEN:
        message = N_("Another grade is picked: say so, or leave it out.")
        found.append(Refusal(code="grade_needless", message=message, field="grade"))
    if verdict == Verdict.OTHER_CAUSE and row.grade is None:
        message = N_("There is no grade that another cause could explain: give one, or leave it.")
        found.append(Refusal(code="nothing_to_explain", message=message, field="verdict"))
    if verdict == Verdict.CONFIRMED:
        if row.grade is None:
            message = N_("There is no grade to confirm: give one, or leave it.")
            found.append(Refusal(code="nothing_to_confirm", message=message, field="verdict"))
        return found
    if not reason.strip():
        message = N_("Say why: what was found is kept beside your word.")
        found.append(Refusal(code="reason_needed", message=message, field="reason"))
    if verdict == Verdict.OVERRIDDEN:
        found += _other(row, grade)
    return found


def _other(row: AssessmentGrade, grade: int | None) -> list[Refusal]:
    if grade is None or not 0 <= grade <= MOST:
        message = N_("A grade lies between 0 and 5.")
        return [Refusal(code="no_such_grade", message=message, field="grade")]
    if grade == MOST and standing_death(row.assessment.course.patient) is None:
        message = N_("Grade 5 is a death: record the death first.")
        return [Refusal(code="death_not_recorded", message=message, field="grade")]
    if grade == row.grade:
        message = N_("This is the grade that was found: confirm it.")
        return [Refusal(code="same_grade", message=message, field="grade")]
    return []
