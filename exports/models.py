"""What files need to keep: the secret of a centre, and what stands for each course in files."""

from django.db import models

from accounts.models import Centre
from patients.models import Course


class PseudonymSecret(models.Model):
    """What a centre's pseudonyms are made with. Made once, shown to nobody, kept nowhere else."""

    centre = models.OneToOneField(
        Centre, primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    secret = models.BinaryField()
    made_at = models.DateTimeField()


class Pseudonym(models.Model):
    """What stands for a course in pseudonymised files, and by how many days its dates are shifted.

    A table, so that a query can join it; every row follows from the secret (domain/pseudonyms.py).
    """

    course = models.OneToOneField(
        Course, primary_key=True, on_delete=models.PROTECT, related_name="pseudonym"
    )
    code = models.CharField(max_length=20, unique=True)
    shift_days = models.SmallIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            # The days ahead are empty in every file: a later date would say how far it was moved.
            models.CheckConstraint(
                condition=models.Q(shift_days__lt=0), name="pseudonym_shifted_back"
            ),
        ]
