"""The pages of the bedside: log a check, walk through ICE, read, correct and review a check."""
