"""Start-up of the whole: wires the apps once all of them are loaded."""

from importlib import import_module

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The application as a whole."""

    name = "config"

    def ready(self) -> None:
        """Connect what lower apps cause in higher ones; models exist only from here on."""
        import_module("config.wiring").wire()
