"""The colours of static/css/tokens.css: enough contrast for text and for edges, day and night."""

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[2] / "static" / "css" / "tokens.css"
TEXT, EDGE = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11

TEXT_PAIRS = [
    *((ink, ground) for ink in ("ink", "ink-soft") for ground in ("paper", "surface", "sunk")),
    *(("ink", f"{tone}-wash") for tone in ("accent", "ok", "hold", "bad")),
    *((tone, f"{tone}-wash") for tone in ("ok", "hold", "bad")),
    *((tone, ground) for tone in ("ok", "hold", "bad") for ground in ("paper", "surface")),
    *((link, ground) for link in ("accent", "accent-strong") for ground in ("paper", "surface")),
    ("ink-soft", "accent-wash"),
    ("ink-soft", "hold-wash"),
    ("accent", "sunk"),
    ("accent-strong", "accent-wash"),
    ("accent-ink", "accent"),
    ("accent-ink", "accent-strong"),
    ("header-ink", "header"),
    ("header-soft", "header"),
    ("demo-ink", "demo"),
    ("paper", "ink"),
    *(("grade-low-ink", f"grade-{grade}") for grade in (0, 1, 2)),
    *(("grade-high-ink", f"grade-{grade}") for grade in (3, 4)),
]
EDGE_PAIRS = [
    *((edge, ground) for edge in ("edge", "focus") for ground in ("paper", "surface", "sunk")),
    ("accent", "accent-wash"),
    ("hold-edge", "hold-wash"),
    ("hold-edge", "surface"),
    ("bad-edge", "bad-wash"),
    ("bad-edge", "surface"),
    ("header-edge", "header"),
    ("demo", "header"),
]


def tokens() -> dict[str, tuple[str, str]]:
    """Every colour as (day, night)."""
    found: dict[str, tuple[str, str]] = {}
    for name, value in re.findall(r"--([a-z0-9-]+):\s*([^;]+);", TOKENS.read_text()):
        colours = re.findall(r"#[0-9a-f]{6}\b", value)
        if colours:
            found[name] = (colours[0], colours[-1])
    return found


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, from 0 to 1."""
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio from 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "night"])
@pytest.mark.parametrize(
    ("front", "ground", "least"),
    [(*pair, TEXT) for pair in TEXT_PAIRS] + [(*pair, EDGE) for pair in EDGE_PAIRS],
)
def test_contrast_is_enough(front: str, ground: str, least: float, theme: int) -> None:
    colours = tokens()
    ratio = contrast(colours[front][theme], colours[ground][theme])
    assert ratio >= least, f"{front} on {ground}: {ratio:.2f}"


def test_contrast_of_black_on_white_is_21() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21


def test_every_colour_stands_in_the_tokens_file_only() -> None:
    """A colour written elsewhere escapes both themes and the test above."""
    strays = {
        sheet.name: found
        for sheet in TOKENS.parent.glob("*.css")
        if sheet.name not in {TOKENS.name, "print.css"}
        if (found := re.findall(r"#[0-9a-fA-F]{3,8}\b", sheet.read_text()))
    }
    assert strays == {}
