"""Measures the pages with many courses; `make bench` runs it."""
