"""The one way in which rows that were entered in error are left out of everything."""

from typing import TypeVar

from django.db import models
from django.db.models import QuerySet

M = TypeVar("M", bound=models.Model)


class Standing(models.Manager[M]):
    """Rows that stand. The default of their models, so that nobody can forget to leave the rest."""

    def get_queryset(self) -> QuerySet[M]:
        """Without what was entered in error."""
        return super().get_queryset().filter(in_error=False)
