"""Scores from the chart: a live reading of what is recorded, nothing stored."""
