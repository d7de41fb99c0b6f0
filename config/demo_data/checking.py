"""The steps of a walk in which two people check a product's identity."""

from abc import abstractmethod
from datetime import datetime
from typing import Self

from accounts.models import User
from pathway.custody import witness_entry, write_entry
from pathway.domain.isbt128 import check_character
from pathway.identity_checks import open_check, sign_scan
from patients.models import Course


class CheckSteps:
    """Checks of the product opened last; both people read what is recorded."""

    course: Course
    _open: dict[str, int]
    _now: datetime

    @abstractmethod
    def _happened(self) -> datetime: ...

    @abstractmethod
    def _actor(self, username: str) -> User: ...

    def checked(self, kind: str, first: str, second: str) -> Self:
        """Two people check the identity of the product, each a few minutes after the other."""
        self._happened()
        check = open_check(
            course_id=self.course.pk,
            product_id=self._open["product"],
            kind=kind,
            actor=self._actor(first),
            now=self._now,
        )
        known = check.snapshot
        labels = {
            **known,
            "din": known["din"] + check_character(known["din"]),
            "cassette_lot": known["lot"],
            "dose": known["dose_total"],
        }
        for username in (first, second):
            self._happened()
            sign_scan(
                course_id=self.course.pk,
                check_id=check.pk,
                read=labels | {"labels_agree": True, "cassette_agrees": True},
                signed_in_at=self._now,
                actor=self._actor(username),
                now=self._now,
            )
        return self

    def handed(self, act: str, first: str, second: str, **values: str) -> Self:
        """One writes what was done with the product, and another who was there witnesses it."""
        self._happened()
        entry = write_entry(
            course_id=self.course.pk,
            product_id=self._open["product"],
            act=act,
            at=self._now,
            values=values,
            signed_in_at=self._now,
            actor=self._actor(first),
            now=self._now,
        )
        self._happened()
        witness_entry(
            course_id=self.course.pk,
            entry_id=entry.pk,
            signed_in_at=self._now,
            actor=self._actor(second),
            now=self._now,
        )
        return self
