"""The reasons for which a course ends early, as a protocol lists them."""

from collections.abc import Mapping
from dataclasses import dataclass

from protocol.domain.loading import SectionParser
from protocol.domain.reading import SMALL_CODE, Setting, TableReader
from terms.words import N_, Bilingual

ENDS = ("declined", "withdrawn", "any")


@dataclass(frozen=True)
class ExitReason:
    """One coded reason, and the end that it belongs to."""

    code: str
    label: Bilingual
    end: Setting[str]


@dataclass(frozen=True)
class ExitReasons:
    """Every reason for an early end, by code."""

    by_code: Mapping[str, ExitReason]

    def of(self, end: str) -> dict[str, ExitReason]:
        """The reasons for one end."""
        return {code: row for code, row in self.by_code.items() if row.end.value in (end, "any")}


def read_exit_reasons(reader: TableReader) -> ExitReasons:
    """Parse `[exit_reasons.<code>]`; each end needs at least one."""
    reasons = ExitReasons(
        {
            code: ExitReason(code, row.bilingual("label"), row.choice("end", ENDS))
            for code, row in reader.children(SMALL_CODE)
        }
    )
    if not (reasons.of("declined") and reasons.of("withdrawn")):
        reader.problem("", N_("must name a reason for each end"))
    return reasons


SECTIONS: Mapping[str, SectionParser] = {"exit_reasons": read_exit_reasons}
