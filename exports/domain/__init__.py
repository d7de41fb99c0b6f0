"""Statistics of cohorts, as plain Python."""
