"""An export job from the asking to the end of its file: its states and the moves between them."""

from enum import StrEnum

from terms.words import N_


class JobStatus(StrEnum):
    """How far a file has come."""

    TO_SIGN = "to_sign"
    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


S = JobStatus
STATUS_NAMES = {
    S.TO_SIGN: N_("Waits for a signature"),
    S.QUEUED: N_("Queued"),
    S.RUNNING: N_("Being made"),
    S.READY: N_("Ready"),
    S.FAILED: N_("Failed"),
    S.CANCELLED: N_("Cancelled"),
    S.EXPIRED: N_("Expired, file deleted"),
}
# Every move there is. From running to running: its worker was killed, another takes it up.
MOVES = frozenset(
    {
        (S.TO_SIGN, S.QUEUED),
        (S.TO_SIGN, S.CANCELLED),
        (S.QUEUED, S.RUNNING),
        (S.QUEUED, S.CANCELLED),
        (S.RUNNING, S.RUNNING),
        (S.RUNNING, S.READY),
        (S.RUNNING, S.FAILED),
        (S.RUNNING, S.CANCELLED),
        (S.FAILED, S.QUEUED),
        (S.READY, S.EXPIRED),
    }
)
# Nothing more comes of itself: the page stops asking.
FINAL = frozenset({S.READY, S.FAILED, S.CANCELLED, S.EXPIRED})


class Impossible(Exception):
    """A move that the table does not have."""


def moved(source: JobStatus, target: JobStatus) -> JobStatus:
    """`target`, where the table has that move; raises Impossible for any other."""
    if (source, target) not in MOVES:
        raise Impossible(f"{source} to {target}")
    return target


def may_move(source: JobStatus, target: JobStatus) -> bool:
    """Whether the table has that move."""
    return (source, target) in MOVES


MOST_ATTEMPTS = 3
# Attempts are counted on when somebody asks again: by its number a worker knows whether a job is
# still its own, and one that was thought lost never takes a later try for its own.
_A_ROUND, _MOST_ROUNDS = 100, 300


def tries(attempts: int) -> int:
    """How often it was tried since somebody asked."""
    return attempts % _A_ROUND


def tried_anew(attempts: int) -> int:
    """The count with which it begins once more."""
    return (attempts - tries(attempts) + _A_ROUND) % (_A_ROUND * _MOST_ROUNDS)


# What went wrong, beside the names of exceptions.
WORKER_LOST, NOTHING_LEFT, NOT_PERMITTED = "worker_lost", "nothing_left", "not_permitted"
TOO_LONG, NO_ROOM = "too_long", "no_room"
FAULT_NAMES = {
    WORKER_LOST: N_("The worker was lost each time"),
    NOTHING_LEFT: N_("Nothing that may leave was left when it was made"),
    NOT_PERMITTED: N_("Who asked for it may not export any more"),
    TOO_LONG: N_("It took too long: ask for fewer courses"),
    NO_ROOM: N_("The folder of the files is full or cannot be written"),
}
FAULT_OF_THE_SITE = N_("An error of the site: tell who runs it")
