"""Run after the tests: which lines and branches no test took, and whether that is too many."""

import io
import sys

from coverage import Coverage

from tests.repository.test_writing_rules import services

LEAST_OF_ALL = 95
# What decides and what writes is covered whole: the domain, every module with a service in it ...
PLAIN = ("*/domain/*", "terms/*")
# ... and what those share.
SHARED = (
    "accounts/access.py",
    "audit/append_only.py",
    "audit/recording.py",
    "pathway/details.py",
    "pathway/effects.py",
    "pathway/loading.py",
    "pathway/loading_companions.py",
    "pathway/writing.py",
    "patients/consequences.py",
    "patients/courses.py",
    "audit/prepared.py",
    "toxicity/replacing.py",
)


def covered_whole() -> list[str]:
    """Patterns of the modules of which no line or branch may be left out."""
    return [*PLAIN, *SHARED, *sorted({source.path for source, _node in services()})]


def main() -> int:
    """Print what is not covered; 1 when that is more than agreed."""
    measured = Coverage()
    measured.load()
    total = measured.report(show_missing=True, skip_covered=True, precision=1)
    told = io.StringIO()
    strict = measured.report(
        include=covered_whole(), show_missing=True, skip_covered=True, precision=1, file=told
    )
    faults = []
    if total < LEAST_OF_ALL:
        faults.append(f"{total:.1f} % of all is covered; at least {LEAST_OF_ALL} % must be.")
    if strict < 100:
        faults.append(f"Domain and services must be covered whole:\n{told.getvalue()}")
    sys.stderr.write("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
