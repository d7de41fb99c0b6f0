"""Append-only rows of what was assessed and decided: results, meetings, gate checks.

A correction is a new row that `replaces` an earlier one; nothing is changed or deleted.
"""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from pathway.domain.assessments import GateOutcome, ItemStep, Vote
from pathway.domain.gate_rules import Gate
from pathway.models.companions import EligibilityReview
from patients.models import Course

_APPEND_ONLY = pgtrigger.Update | pgtrigger.Delete


class Entry(models.Model):
    """What every such row carries."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="%(class)ss")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=30, blank=True)
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )

    class Meta:
        abstract = True


class EligibilityEntry(Entry):
    """One row about an item of a review: ordered, sampled, resulted, waived, or taken back."""

    review = models.ForeignKey(EligibilityReview, on_delete=models.PROTECT, related_name="entries")
    item = models.CharField(max_length=40)
    step = models.CharField(max_length=12)
    value = models.CharField(max_length=120, blank=True)
    on = models.DateField()
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(step__in=[step.value for step in ItemStep]), name="item_step_known"
            ),
            models.CheckConstraint(
                condition=~Q(step="waived") | ~Q(reason=""), name="item_waiver_reasoned"
            ),
            models.CheckConstraint(
                condition=~Q(step="withdrawn") | (~Q(reason="") & Q(replaces__isnull=False)),
                name="item_withdrawal_reasoned",
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=_APPEND_ONLY)]


class GateEntry(Entry):
    """One row about a check of a gate; `round` counts collections and lymphodepletions."""

    gate = models.CharField(max_length=20)
    check_code = models.CharField(max_length=30)
    round = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=16)
    value = models.CharField(max_length=120, blank=True)
    checked_at = models.DateTimeField()
    remark = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=[one.value for one in GateOutcome]),
                name="gate_outcome_known",
            ),
            models.CheckConstraint(
                condition=Q(gate__in=[gate.value for gate in Gate]), name="gate_known"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="waived") | ~Q(remark=""), name="gate_waiver_reasoned"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="withdrawn") | (~Q(remark="") & Q(replaces__isnull=False)),
                name="gate_withdrawal_reasoned",
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=_APPEND_ONLY)]


class Meeting(Entry):
    """One multidisciplinary meeting about a review; signing it is a row of its own."""

    review = models.ForeignKey(EligibilityReview, on_delete=models.PROTECT, related_name="meetings")
    held_on = models.DateField(_("date of the meeting"))
    participants = models.TextField(_("participants"))
    minutes = models.TextField(_("minutes"))
    vote = models.CharField(
        _("decision"),
        max_length=16,
        choices=[
            (Vote.ACCEPTED.value, _("Accepted")),
            (Vote.DEFERRED.value, _("Deferred")),
            (Vote.NOT_ELIGIBLE.value, _("Not eligible")),
        ],
    )
    in_favour = models.PositiveSmallIntegerField(_("votes in favour"))
    against = models.PositiveSmallIntegerField(_("votes against"))
    abstained = models.PositiveSmallIntegerField(_("abstentions"))
    reason = models.TextField(_("reason"), blank=True)
    review_on = models.DateField(_("review on"), null=True, blank=True)
    signed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    signed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(vote__in=[vote.value for vote in Vote]), name="meeting_vote_known"
            ),
            models.CheckConstraint(
                condition=~Q(vote="deferred") | (~Q(reason="") & Q(review_on__isnull=False)),
                name="meeting_deferral_reasoned",
            ),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=_APPEND_ONLY)]
