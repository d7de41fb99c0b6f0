"""The toxicity app."""

from django.apps import AppConfig


class ToxicityConfig(AppConfig):
    """See the package docstring."""

    name = "toxicity"
