"""The exports app."""

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    """See the package docstring."""

    name = "exports"
