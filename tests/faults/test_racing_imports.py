"""Two imports at once: of courses one wins, of results nothing is written twice."""

import threading

from django.db import connection

from accounts.models import User
from pathway.importing import import_courses
from patients.imported_results import Becomes
from patients.models import Course, LabResult, Patient
from patients.result_import import Choices, import_results
from protocol.models import Protocol
from terms.refusals import Refused
from tests.conftest import NOW, Refer
from tests.services.test_importing import file_of, line
from tests.services.test_result_import import file_of as file_of_results
from tests.services.test_result_import import row


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


def test_two_files_of_results_neither_wait_for_each_other_nor_write_twice(
    transactional_db: None, coordinator: User, refer_patient: Refer
) -> None:
    courses = [
        refer_patient(coordinator, family_name=name, number=f"N-{name}")
        for name in ("Prima", "Seconda")
    ]
    lines = [row(course, value=str(day), date=f"{day:02d}/11/2026") for day in range(1, 9)
             for course in courses]  # fmt: skip
    start, written = threading.Barrier(2), []

    def race(content: bytes) -> None:
        racer = User.objects.get(pk=coordinator.pk)
        start.wait(timeout=10)
        try:
            report = import_results(content=content, choices=Choices(), actor=racer, now=NOW)
            written.append(report.counts[Becomes.NEW])
        finally:
            connection.close()

    files = (file_of_results(*lines), file_of_results(*reversed(lines)))
    threads = [threading.Thread(target=race, args=(content,)) for content in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(written) == [0, 16]
    assert LabResult.objects.count() == 16
