"""Assessments and their grades, episodes, treatments given for toxicity, infections."""

from toxicity.models.assessments import Assessment, AssessmentGrade, GradeReview, first_entry
from toxicity.models.episodes import Episode
from toxicity.models.given import Infection, Treatment
from toxicity.models.walks import GradedSoFar

__all__ = [
    "Assessment",
    "AssessmentGrade",
    "Episode",
    "GradeReview",
    "GradedSoFar",
    "Infection",
    "Treatment",
    "first_entry",
]
