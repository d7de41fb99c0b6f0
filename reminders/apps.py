"""The reminders app."""

from django.apps import AppConfig


class RemindersConfig(AppConfig):
    """See the package docstring."""

    name = "reminders"
