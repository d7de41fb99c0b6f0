"""Courses, moves and companions in the API."""
