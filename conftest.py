"""Loads the plugin that keeps browser tests from staying out quietly."""

pytest_plugins = ["tests.browser_gate"]
