"""Which courses leave in no file: the use of their data was withdrawn, or nobody knows."""

from django.db.models import Q

from pathway.domain.exits import TREATMENT
from pathway.domain.spine import Stage

# As `withheld` in domain/exits.py says it of one, for a query of courses.
WITHHELD = Q(journey__stage=Stage.WITHDRAWN.value) & ~Q(journey__exit_scope=TREATMENT)
