"""The scales as pure functions: signs in, a grade with its reasons out.

One file per scale. Information, never an order: a grade is computed from published
tables for trained clinicians, who confirm or override it; see INTENDED_USE.md.
"""
