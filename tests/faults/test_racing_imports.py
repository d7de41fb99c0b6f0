"""Two imports of the same file at once: one wins, the other is refused by the numbers."""

import threading

from django.db import connection

from accounts.models import User
from pathway.importing import import_courses
from patients.models import Course, Patient
from protocol.models import Protocol
from terms.refusals import Refused
from tests.conftest import NOW
from tests.services.test_importing import file_of, line


def test_of_two_imports_of_one_file_one_wins(
    transactional_db: None, protocol: Protocol, coordinator: User
) -> None:
    content = file_of(*(line(number) for number in range(4)))
    start, outcomes = threading.Barrier(2), []

    def race() -> None:
        racer = User.objects.get(pk=coordinator.pk)
        start.wait(timeout=10)
        try:
            import_courses(content=content, actor=racer, now=NOW)
            outcomes.append("entered")
        except Refused as refused:
            outcomes.append(refused.refusals[0].code)
        finally:
            connection.close()

    threads = [threading.Thread(target=race) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(outcomes) == ["entered", "identifier_taken"]
    assert (Course.objects.count(), Patient.objects.count()) == (4, 4)
