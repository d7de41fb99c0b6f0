"""Names shared by the machine and its guards."""

from collections.abc import Callable

from pathway.domain.facts import CourseFacts
from terms.refusals import Refusal

# A guard looks at the facts and answers what stands against the move; nothing means it passes.
Guard = Callable[[CourseFacts], Refusal | None]
# Several things may stand against a move at once, such as every open check of a gate.
Checklist = Callable[[CourseFacts], tuple[Refusal, ...]]
# A way back that is not this subject's own, and a move that only the course itself makes: left
# out of the options instead of refused.
NOT_THE_WAY_BACK = "not_the_way_back"
AUTOMATIC = "automatic"
NOT_OFFERED = frozenset({NOT_THE_WAY_BACK, AUTOMATIC})
