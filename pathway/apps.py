"""The pathway app."""

from django.apps import AppConfig


class PathwayConfig(AppConfig):
    """Machines, journeys, companions."""

    name = "pathway"
