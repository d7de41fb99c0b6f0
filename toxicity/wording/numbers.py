"""Numbers as people read them: the language's decimal mark, never rounded, no trailing zeros."""

from decimal import Decimal

from django.utils.formats import number_format


def number_text(value: Decimal | int, places: int = 0) -> str:
    """The number as it was given, with at least `places` decimals: `38,6`, `38.0`, `4`."""
    text = f"{Decimal(value):f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    shown = max(places, len(text.partition(".")[2]))
    return number_format(Decimal(text), decimal_pos=shown, use_l10n=True, force_grouping=False)
