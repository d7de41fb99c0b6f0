"""Appending to the chain of custody on a locked course: the one place that writes its rows."""

from datetime import datetime
from typing import Any

from accounts.models import User
from pathway.domain.custody import GENESIS, OF_MOVE, Act, digest
from pathway.models import Change, CustodyEntry, Product
from pathway.standing import takes_back_a_mistake
from terms.day_numbers import local_date

MOVED, CHECKED = "change:", "check:"


def append(product: Product, act: str, at: datetime, signer: User, now: datetime,
           **said: Any) -> CustodyEntry:  # fmt: skip
    """Append an entry to the chain of `product`, whose course the caller has locked.

    The database refuses a second entry after the same one, should anybody forget the lock.
    """
    last = CustodyEntry.objects.filter(product=product).order_by("number").last()
    entry = CustodyEntry(
        course=product.course,
        product=product,
        number=last.number + 1 if last else 1,
        act=act,
        at=at,
        on=local_date(at, product.course.centre.zone),
        signer=signer,
        recorded_at=now,
        previous=last.hash if last else GENESIS,
        **said,
    )
    entry.hash = digest(entry.number, entry.said, entry.previous)
    entry.save(force_insert=True)
    return entry


def follow_move(change: Change, now: datetime) -> None:
    """The entry that a move of a product is by itself; other moves are none of custody's."""
    if change.machine != "product":
        return
    slip = takes_back_a_mistake(change.machine, change.source, change.target)
    act = Act.TAKEN_BACK if slip else OF_MOVE.get(change.target)
    if act is None:
        return
    product = Product(pk=change.subject_id, course=change.course)
    place = change.details.get("storage_position", "") if act == Act.STORAGE else ""
    remark = change.reason[:200]
    append(product, act, change.happened_at, change.actor, now, place=place, remark=remark,
           cause=f"{MOVED}{change.sequence}")  # fmt: skip


def follow_check(
    product: Product, check: int, readers: tuple[User, ...], *, passed: bool, now: datetime
) -> None:
    """The entry that the end of an identity check is: of both who read, or of who stopped it."""
    signer, *others = readers
    act = Act.CHECK if passed else Act.MISMATCH
    witness = others[0] if others else None
    append(product, act, now, signer, now, witness=witness, cause=f"{CHECKED}{check}")
