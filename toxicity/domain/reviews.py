"""What becomes of a clinician's word when the grade that it was about stands no longer."""


def is_lost(stands: int | None, said: int | None) -> bool:
    """Whether a word about an earlier grade was of a higher one than what stands without a word.

    No grade is no higher one: who said 2 of what cannot be graded any more is lost too.
    """
    return said is not None and said > (stands or 0)
