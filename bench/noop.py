"""A task that does nothing, for a worker of the measurement: the most that broker and Celery do."""

from config.celery import app


@app.task(name="bench.noop")  # type: ignore[untyped-decorator] # celery has no types
def noop() -> None:
    """Nothing."""
