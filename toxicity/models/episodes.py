"""Episodes: runs of graded assessments, rebuilt whenever one of them changes."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from patients.models import Course
from toxicity.domain.scales import MOST, SCALE_NAMES


class EpisodeQuerySet(models.QuerySet["Episode"]):
    """Episodes as somebody may see them."""

    def visible_to(self, user: User) -> Self:
        """Those of courses of the centre `user` works at; none without the permission to read."""
        return self.filter(course__in=Course.objects.visible_to(user))


class Episode(models.Model):
    """From the first symptomatic day to the last, both included, in the centre's days.

    `ended` is not set while it is ongoing: its duration is then censored. `to_confirm` says that
    no sign is left but nobody has confirmed that it is over.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="episodes")
    scale = models.CharField(max_length=8, choices=[(s, _(n)) for s, n in SCALE_NAMES.items()])
    ordinal = models.PositiveSmallIntegerField()
    onset_at = models.DateTimeField()
    last_at = models.DateTimeField()
    onset_on = models.DateField()
    last_on = models.DateField()
    peak = models.PositiveSmallIntegerField()
    peak_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    to_confirm = models.BooleanField(default=False)
    flares = models.PositiveSmallIntegerField(default=0)

    objects = EpisodeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "scale", "ordinal"], name="episode_unique"),
            models.CheckConstraint(
                condition=Q(peak__gte=1, peak__lte=MOST), name="episode_has_peak"
            ),
            models.CheckConstraint(
                condition=Q(last_at__gte=F("onset_at")), name="episode_in_order"
            ),
        ]

    @property
    def days(self) -> int:
        """Its duration so far, first and last symptomatic day included."""
        return (self.last_on - self.onset_on).days + 1

    @property
    def ongoing(self) -> bool:
        """Whether nobody knows yet that it is over."""
        return self.ended_at is None
