"""What every file says of itself, whatever its format."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

# Raised when a column is renamed, taken away or means something else.
SCHEMA_VERSION = "1"


@dataclass(frozen=True)
class About:
    """Which version of columns, whose clocks, how much identity, how many left out."""

    zone: ZoneInfo
    level: str
    language: str
    made_at: datetime
    courses: int
    left_out: int

    def pairs(self) -> tuple[tuple[str, str | int], ...]:
        """All of it by name, in the order of the files."""
        return (
            ("schema_version", SCHEMA_VERSION),
            ("time_zone", str(self.zone)),
            ("identity_level", self.level),
            ("language", self.language),
            ("made_at", self.made_at.astimezone(self.zone).isoformat(timespec="seconds")),
            ("courses", self.courses),
            ("courses_left_out", self.left_out),
        )
