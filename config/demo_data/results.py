"""Results of the ward's sickest patient: invented, so that scores and screen have what to show."""

from collections.abc import Mapping

_UNITS: Mapping[str, str] = {
    "PLT": "10*9/L", "ANC": "10*9/L", "HB": "g/dL", "CRP": "mg/L", "FERRITIN": "ng/mL",
    "LDH": "U/L", "CREATININE": "mg/dL", "FIBRINOGEN": "mg/dL", "AST": "U/L",
}  # fmt: skip
Values = Mapping[str, str]
BEFORE_DEPLETION: Values = {
    "PLT": "62", "ANC": "0.9", "HB": "8.4", "CRP": "41", "FERRITIN": "1850", "LDH": "410",
    "CREATININE": "0.9",
}  # fmt: skip
# By the day after the infusion.
WORSENING: Mapping[int, Values] = {
    0: {"PLT": "48", "ANC": "0.3", "CRP": "22", "FERRITIN": "1900", "LDH": "380",
        "CREATININE": "0.8", "FIBRINOGEN": "390", "AST": "31"},
    3: {"PLT": "34", "ANC": "0.1", "CRP": "96", "FERRITIN": "2600", "LDH": "450",
        "CREATININE": "1.0", "FIBRINOGEN": "310", "AST": "44"},
    6: {"PLT": "22", "ANC": "0.05", "CRP": "128", "FERRITIN": "4800", "LDH": "690",
        "CREATININE": "1.3", "FIBRINOGEN": "190", "AST": "120"},
    8: {"PLT": "18", "ANC": "0.05", "CRP": "64", "FERRITIN": "6200", "LDH": "940",
        "CREATININE": "1.5", "FIBRINOGEN": "132", "AST": "215"},
}  # fmt: skip


def panel(values: Values) -> dict[str, tuple[str, str]]:
    """The values with their units."""
    return {analyte: (value, _UNITS[analyte]) for analyte, value in values.items()}
