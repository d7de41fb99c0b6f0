"""Timelines and files that others can read."""
