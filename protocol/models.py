"""Versions of the protocols; what was published once stays as it was."""

from functools import reduce
from operator import or_
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission

_KEPT = (
    "code", "version", "title_en", "title_it", "product",
    "data", "sha256", "loaded_at", "loaded_by", "published_at", "published_by",
)  # fmt: skip
_SEALED = pgtrigger.Q(old__status__in=["published", "retired"])
_CHANGED = reduce(
    or_, (pgtrigger.Q(**{f"old__{name}__df": pgtrigger.F(f"new__{name}")}) for name in _KEPT)
)


class Status(models.TextChoices):
    """How far a version has come; it never goes back."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Retired")


class ProtocolQuerySet(models.QuerySet["Protocol"]):
    """Versions as somebody may see them; they belong to the site, not to a centre."""

    def visible_to(self, user: User) -> Self:
        """What is or was in force for every reader; drafts for whoever loads or publishes."""
        if not user.may(Permission.READ_COURSES):
            return self.none()
        if user.may(Permission.LOAD_PROTOCOL) or user.may(Permission.PUBLISH_PROTOCOL):
            return self.all()
        return self.exclude(status=Status.DRAFT)


class Protocol(models.Model):
    """One version of a centre's rules. Courses point at the version they began under."""

    code = models.CharField(_("code"), max_length=60)
    version = models.PositiveIntegerField(_("version"))
    title_en = models.CharField(max_length=200)
    title_it = models.CharField(max_length=200)
    product = models.CharField(_("product"), max_length=60)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    data = models.JSONField()  # the parsed file, read again by protocol.selectors.settings_of
    sha256 = models.CharField(max_length=64)  # of the file as it was handed in
    loaded_at = models.DateTimeField(null=True, blank=True)
    loaded_by = models.CharField(max_length=150, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.CharField(max_length=150, blank=True)

    objects = ProtocolQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="protocol_version_unique"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(status="published"), name="protocol_one_published"
            ),
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="protocol_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(published_at__isnull=False),
                name="protocol_published_dated",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="keep_published", operation=pgtrigger.Delete, condition=_SEALED),
            pgtrigger.Protect(
                name="keep_content",
                operation=pgtrigger.Update,
                condition=_SEALED & _CHANGED,
            ),
            # A published version unsealed to draft could be rewritten in two steps.
            pgtrigger.Protect(
                name="never_unseal",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__status="published", new__status="draft")
                | pgtrigger.Q(old__status="retired", new__status__in=["draft", "published"]),
            ),
        ]

    def title(self, language: str) -> str:
        """The title for a language code such as `it`; English for any other."""
        return self.title_it if language.split("-")[0] == "it" else self.title_en


class ProtocolFile(models.Model):
    """The file of a version as it was handed in: its order and comments, which `data` loses.

    Kept apart because every write to a course reads the version and none needs the text. Its
    digest stands, sealed, on the version.
    """

    protocol = models.OneToOneField(Protocol, on_delete=models.CASCADE, related_name="file")
    name = models.CharField(max_length=200)
    text = models.TextField()

    class Meta:
        triggers = [pgtrigger.Protect(name="keep_file", operation=pgtrigger.Update)]
