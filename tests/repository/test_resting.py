"""Coverage truly rests where it is told to, and nowhere else: it would be slow for nothing."""

import subprocess
import sys

PROBE = """
import sys
import coverage
from tests.resting import traced, untraced

inner = untraced(lambda: (sys.gettrace(), traced(sys.gettrace)(), sys.gettrace()))
assert inner() == (None, None, None), "nobody traced"
measured = coverage.Coverage(data_file=None, source=["terms"])
measured.start()
tracer = sys.gettrace()
assert tracer is not None
assert inner() == (None, tracer, None), "rests, wakes, rests"
assert sys.gettrace() is tracer, "goes on"
assert traced(sys.gettrace)() is tracer
try:
    untraced(traced(lambda: 1 / 0))()
except ZeroDivisionError:
    assert sys.gettrace() is tracer, "goes on after a fault"
measured.stop()
assert traced(sys.gettrace)() is None, "stays off"
debugger = lambda *event: None
sys.settrace(debugger)
found = inner()
sys.settrace(None)
assert found == (debugger, debugger, debugger), "a debugger goes on"
"""


def test_coverage_rests_and_wakes() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
