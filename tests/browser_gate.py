"""Tests marked `browser` run only where Chromium is, and never stay out quietly."""

import os
import shutil

import pytest

DEFAULT_CHROMIUM = "/usr/bin/chromium"
_LEFT_OUT = pytest.StashKey[int]()


def chromium() -> str | None:
    """Return the path of Chromium: CHROMIUM when set, else Debian's; None when there is none."""
    return shutil.which(os.environ.get("CHROMIUM") or DEFAULT_CHROMIUM)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without Chromium leave the browser tests out and count them.

    Where they run, coverage is not measured, as in all that asks the same code again and again:
    that takes twice as long, and the gate wants every line from a test that is about it.
    """
    wanted = [item for item in items if item.get_closest_marker("browser")]
    for item in wanted:
        item.add_marker(pytest.mark.no_cover)
    if not wanted or chromium():
        return
    config.hook.pytest_deselected(items=wanted)
    items[:] = [item for item in items if item not in wanted]
    config.stash[_LEFT_OUT] = len(wanted)


def pytest_configure(config: pytest.Config) -> None:
    """Stop when REQUIRE_BROWSER is 1 and there is none; hear from the workers of pytest-xdist."""
    if os.environ.get("REQUIRE_BROWSER") == "1" and not chromium():
        raise pytest.UsageError(
            "REQUIRE_BROWSER=1, but there is no Chromium: "
            f"install it at {DEFAULT_CHROMIUM} or name it with CHROMIUM."
        )
    if config.pluginmanager.hasplugin("xdist"):
        config.pluginmanager.register(_FromWorkers(config))


class _FromWorkers:
    """Carries the number of tests left out from a worker to the main process."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.hookimpl
    def pytest_testnodedown(self, node: object, error: object) -> None:
        """Keep what the worker told; each one collected the same tests."""
        told = getattr(node, "workeroutput", {})
        if told.get("browser_left_out"):
            self._config.stash[_LEFT_OUT] = told["browser_left_out"]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In a worker of pytest-xdist, tell the main process."""
    told = getattr(session.config, "workeroutput", None)
    if told is not None:
        told["browser_left_out"] = session.config.stash.get(_LEFT_OUT, 0)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say at the very end what did not run."""
    left_out = config.stash.get(_LEFT_OUT, 0)
    if left_out:
        terminalreporter.section("NOT RUN", sep="!", red=True, bold=True)
        terminalreporter.line(
            f"{left_out} browser tests did NOT run: there is no Chromium at {DEFAULT_CHROMIUM}.",
            red=True,
            bold=True,
        )
        terminalreporter.line(
            "Install it (Debian: apt-get install chromium) or name it with CHROMIUM; "
            "REQUIRE_BROWSER=1 makes its absence a failure."
        )
