"""What is kept for files and reports: pseudonyms, files asked for, what was counted of a course."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Centre, User
from accounts.permissions import Permission
from exports.domain.jobs import STATUS_NAMES, JobStatus
from exports.fields.kinds import Level
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


class ExportJobQuerySet(models.QuerySet["ExportJob"]):
    """Jobs as somebody may see them."""

    def visible_to(self, user: User) -> Self:
        """Of the centre `user` works at: one's own, those one may sign, all for who watches."""
        here = self.filter(centre_id=user.working_centre_id)
        if user.may(Permission.WATCH_EXPORTS):
            return here
        if not user.may(Permission.EXPORT_CODED):
            return self.none()
        mine = models.Q(requested_by=user)
        if user.may(Permission.SIGN_EXPORT):
            mine |= models.Q(status=JobStatus.TO_SIGN) | models.Q(signed_by=user)
        return here.filter(mine)


class ExportJob(models.Model):
    """A file that somebody asked for: what, about whom, why; how far it is; what it came to.

    Its row is the queue: a worker takes it for a while (the lease), tries are counted before the
    work. The file itself is in the folder of `EXPORT_DIR` under `file_name`.
    """

    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="+")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    content = models.CharField(_("what"), max_length=20)
    format = models.CharField(_("format"), max_length=20)
    language = models.CharField(_("language"), max_length=8, choices=[("en", "en"), ("it", "it")])
    level = models.CharField(
        _("identity"), max_length=16, choices=[(one.value, one.value) for one in Level]
    )
    purpose = models.TextField(_("purpose"))
    # Why with names; and who else let it be made.
    reason = models.TextField(_("reason"), blank=True)
    signed_in_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    signed_at = models.DateTimeField(null=True, blank=True)
    product = models.CharField(_("product"), max_length=60, blank=True)
    protocol = models.CharField(_("protocol"), max_length=60, blank=True)
    infused_after = models.DateField(null=True, blank=True)
    infused_before = models.DateField(null=True, blank=True)
    status = models.CharField(
        max_length=12, choices=[(one.value, name) for one, name in STATUS_NAMES.items()]
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    # Courses that leave in no file: the use of their data was withdrawn, or may have been.
    left_out = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)
    file_name = models.CharField(max_length=60, blank=True)
    file_size = models.PositiveBigIntegerField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    downloads = models.PositiveIntegerField(default=0)

    objects = ExportJobQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=list(JobStatus)), name="export_status_known"
            ),
            models.CheckConstraint(condition=~models.Q(purpose=""), name="export_has_a_purpose"),
            models.CheckConstraint(
                condition=models.Q(level=Level.PSEUDONYMISED) | ~models.Q(reason=""),
                name="export_identified_with_a_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["requested_at", "id"],
                condition=models.Q(status__in=[JobStatus.QUEUED, JobStatus.RUNNING]),
                name="export_to_make",
            ),
            models.Index(
                fields=["expires_at"],
                condition=models.Q(status=JobStatus.READY),
                name="export_to_expire",
            ),
            models.Index(fields=["centre", "-requested_at"], name="export_by_centre"),
        ]


class CountedCourse(models.Model):
    """What the cohort report counts of one course, so that it need not read the whole chart again.

    Derived, and written anew: it stands for the day of `first_on` until `last_on`, while nobody has
    touched the course, under the digest of the rules that counted it. `known` is of tables, `told`
    what it says to each figure, in the order of the rules, `apart` what it says by
    codes of its protocol.
    """

    course = models.OneToOneField(
        Course, primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    rule = models.CharField(max_length=64)
    first_on = models.DateField()
    last_on = models.DateField(null=True, blank=True)
    enrolled = models.BooleanField()
    infused = models.BooleanField()
    known = models.JSONField()
    told = ArrayField(models.IntegerField(null=True))
    apart = ArrayField(models.TextField(), default=list)


class TouchedCourse(models.Model):
    """Something was written that a report may count of a course: it is counted anew.

    Written by triggers of the database on every table that is read (migration 0003), so that no
    writer can forget it; a row goes once the course was counted after it.
    """

    course = models.ForeignKey(
        Course, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
