"""Grading of CRS, ICANS and the other toxicities, one file per scale; not built yet."""
