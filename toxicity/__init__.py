"""Grading of CRS, ICANS and the other toxicities: one file per scale, starting with the next room."""
