"""Where coverage rests, and where it wakes again in between."""

import functools
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class _Resting(threading.local):
    tracer: Any = None  # what goes on at the end


_resting = _Resting()


@contextmanager
def at_rest() -> Iterator[None]:
    """Coverage sees nothing of what is done inside but for what is `traced`."""
    tracer = sys.gettrace()
    # None, or a debugger's: that one goes on.
    if type(tracer).__module__.partition(".")[0] != "coverage":
        yield
        return
    before, _resting.tracer = _resting.tracer, tracer
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)
        _resting.tracer = before


def untraced(work: Callable[..., Any]) -> Callable[..., Any]:
    """`work`, of which coverage sees nothing."""

    @functools.wraps(work)
    def resting(*args: Any, **kwargs: Any) -> Any:
        tracer = sys.gettrace()
        # None, or a debugger's: that one goes on.
        if type(tracer).__module__.partition(".")[0] != "coverage":
            return work(*args, **kwargs)
        before, _resting.tracer = _resting.tracer, tracer
        sys.settrace(None)
        try:
            return work(*args, **kwargs)
        finally:
            sys.settrace(tracer)
            _resting.tracer = before

    return resting


def traced(work: Callable[..., Any]) -> Callable[..., Any]:
    """`work`, which coverage sees although it is called where coverage rests."""

    @functools.wraps(work)
    def watched(*args: Any, **kwargs: Any) -> Any:
        tracer = _resting.tracer
        if tracer is None or sys.gettrace() is not None:
            return work(*args, **kwargs)
        sys.settrace(tracer)
        try:
            return work(*args, **kwargs)
        finally:
            sys.settrace(None)

    return watched
