"""How far the checks of a course were graded: from there the next one is graded."""

from django.db import models

from patients.models import Course


class GradedSoFar(models.Model):
    """What the last walk through the checks of a course knew at its end, for the next check.

    Derived, and written anew with every walk. It counts while nothing differs that it rests on:
    `under`, a digest of the rules, the day of the infusion and what hides fever, and how many
    `rows` of checks the course has, replaced ones included.
    """

    course = models.OneToOneField(Course, on_delete=models.PROTECT, related_name="graded_so_far")
    under = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    reached = models.JSONField()
