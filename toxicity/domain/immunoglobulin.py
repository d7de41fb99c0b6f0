"""When published guidance thinks of immunoglobulin replacement. A prompt, never an order.

Sources: Hill JA et al. Blood Rev 2019;38:100596; AAAAI work group 2022 (PMC11272770, table 1).
IgG in mg/dL.
"""

from dataclasses import dataclass
from decimal import Decimal

RULE_VERSION = "igg-2019-2022.1"
LOW, VERY_LOW, LOWEST = Decimal(600), Decimal(400), Decimal(150)
RECURRENT = 2


@dataclass(frozen=True)
class IggPrompt:
    """What each guidance would think of; `severity` is none, mild or severe."""

    severity: str
    hill: bool
    aaaai: bool
    rule_version: str = RULE_VERSION


def igg_prompt(
    igg: Decimal,
    *,
    bacterial_infections: int = 0,
    serious: bool = False,
    poor_vaccine_response: bool = False,
) -> IggPrompt:
    """Whether to consider replacement, by two published rules shown side by side.

    `bacterial_infections` counts those of the last year; `serious` says that one of them was.
    """
    recurrent = bacterial_infections >= RECURRENT
    if igg <= VERY_LOW:
        hill = True
    elif igg <= LOW:
        hill = recurrent or serious
    else:
        hill = poor_vaccine_response
    aaaai = igg < LOWEST or (igg < VERY_LOW and recurrent)
    severity = "severe" if igg <= VERY_LOW else "mild" if igg <= LOW else "none"
    return IggPrompt(severity, hill, aaaai)
