"""How many reasons one step can ask for: no request brings more, and none needs to."""

# A check of a gate asks for one reason at most, be it of its record, of the chart or of a dose.
MOST_CHECKS = 60  # of one gate; a protocol with more is faulty
# What asks beside the checks: the guards of a move, its place among the steps, a dose's own doubts.
MOST_WARNINGS = 40
MOST_ASKED = MOST_CHECKS + MOST_WARNINGS
