"""Patients and courses entered in error: hidden everywhere, kept in the audit, undone exactly."""

from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models import Centre, User
from accounts.permissions import Permission
from patients.models.courses import Course
from patients.models.people import Patient


class ErrorMarkQuerySet(models.QuerySet["ErrorMark"]):
    """Marks as somebody may see them."""

    def visible_to(self, user: User) -> Self:
        """Marks of the centre `user` works at, for who may undo them."""
        if not user.may(Permission.UNDO_ERROR):
            return self.none()
        return self.filter(centre_id=user.working_centre_id)


class ErrorMark(models.Model):
    """Somebody said that a patient, or one course, should never have been entered."""

    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="error_marks")
    # Empty when it is the patient with every course.
    course = models.ForeignKey(
        Course, null=True, blank=True, on_delete=models.PROTECT, related_name="error_marks"
    )
    reason = models.TextField()
    marked_at = models.DateTimeField()
    marked_by = models.CharField(max_length=150)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=150, blank=True)
    undone_reason = models.TextField(blank=True)

    objects = ErrorMarkQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="error_reasoned")]

    @property
    def cause(self) -> str:
        """The key of what this mark hid, so that its undo is exact."""
        return f"error:{self.pk}"
