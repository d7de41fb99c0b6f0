"""Files shaped as registries ask for them: CIBMTR 4000 and 4100, EBMT day 0 and follow-up."""
