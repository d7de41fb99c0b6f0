"""Files of courses: every line tried, all of them or none, the same file once."""

import csv
import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Centre, User
from audit.models import AuditEvent
from pathway.importing import Report, columns, example, import_courses, try_courses
from pathway.models import Change, Journey
from patients.models import Course, Patient
from protocol.models import Protocol
from terms.refusals import NotAllowed, Refused
from tests.conftest import NOW, UserWith

pytestmark = pytest.mark.usefixtures("protocol")


def line(number: int, **cells: str) -> dict[str, str]:
    return {
        **example(),
        "family_name": f"Prova{chr(97 + number // 26)}{chr(97 + number % 26) * 9}",
        "identifier_value": f"N-{number}",
        "birth_date": f"{1 + number % 28:02d}/{1 + number % 12:02d}/{1950 + number}",
        **cells,
    }


def file_of(*lines: dict[str, str], delimiter: str = ";") -> bytes:
    text = io.StringIO(newline="")
    names = list(dict.fromkeys(name for one in lines for name in one))
    writer = csv.DictWriter(text, names, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(lines)
    return ("\ufeff" + text.getvalue()).encode()


def faults(report: Report) -> dict[int, set[tuple[str, str]]]:
    return {o.line: {(r.field, r.code) for r in o.refusals} for o in report.outcomes if o.refusals}


def test_thirty_courses_in_one_transaction_and_a_bounded_number_of_queries(
    coordinator: User,
) -> None:
    content = file_of(*(line(number) for number in range(30)))
    with CaptureQueriesContext(connection) as captured:
        report = import_courses(content=content, actor=coordinator, now=NOW)
    assert report.committed
    assert [o.code for o in report.outcomes] == [f"NIG-{n:04d}" for n in range(1, 31)]
    assert Journey.objects.filter(stage="follow_up").count() == 30
    assert len(captured) / 30 <= 60
    event = AuditEvent.objects.get(action="courses.import")
    assert (event.after["sha256"], event.after["count"]) == (report.sha256, 30)
    assert not Change.objects.filter(transcribed=False).exists()


def test_a_file_need_not_name_the_only_protocol(coordinator: User, protocol: Protocol) -> None:
    report = import_courses(content=file_of(line(1, protocol="")), actor=coordinator, now=NOW)
    assert report.committed
    assert Course.objects.get().protocol == protocol


def test_a_trial_says_what_would_happen_and_writes_nothing(coordinator: User) -> None:
    report = try_courses(content=file_of(line(1), line(2)), actor=coordinator, now=NOW)
    assert (report.committed, report.faults) == (False, 0)
    assert {outcome.code for outcome in report.outcomes} == {""}
    assert not Patient.objects.exists()
    assert not AuditEvent.objects.filter(action="courses.import").exists()


def test_every_fault_is_named_by_line_and_column_and_nothing_is_entered(
    coordinator: User, user_with: UserWith
) -> None:
    content = file_of(
        line(1, infused_on="11/25/2026", apheresis_1_cd3="1.234", coordinator="nobody"),
        line(2),
        line(3, birth_date="03/04/70", stage="moon"),
        line(4, infused_on="01/02/2026", ld_to=""),
        line(5, identifier_value="N-2"),
        line(6, family_name=line(2)["family_name"], birth_date=line(2)["birth_date"]),
        line(7, protocol="none"),
    )
    found = faults(try_courses(content=content, actor=coordinator, now=NOW))
    assert {field for field, _ in found[2]} == {"infused_on", "apheresis_1_cd3", "coordinator"}
    assert {field for field, _ in found[4]} == {"birth_date", "stage"}
    assert ("infused_on", "before_earlier_step") in found[5]
    assert found[6] == {("identifiers", "identifier_taken")}
    assert found[7] == {("distinct_reason", "look_alike")}
    assert {field for field, _ in found[8]} == {"protocol"}
    with translation.override("it"):
        told = try_courses(content=content, actor=coordinator, now=NOW).outcomes
    words = {r.field: str(r.params.get("text")) for outcome in told for r in outcome.refusals}
    assert "Una cella può contenere: referral, eligibility, apheresis" in words["stage"]
    assert "Una cella può contenere: brexucel-adult-all" in words["protocol"]
    assert "Una cella" not in words["coordinator"]
    with pytest.raises(Refused) as refused:
        import_courses(content=content, actor=coordinator, now=NOW)
    assert "2.infused_on" in {refusal.field for refusal in refused.value.refusals}
    assert not Course.objects.exists()
    assert not Patient.objects.exists()


def test_a_twin_in_the_file_is_named_by_its_line(coordinator: User) -> None:
    twins = file_of(line(1), line(2, identifier_value="N-1"))
    report = try_courses(content=twins, actor=coordinator, now=NOW)
    said = str(report.outcomes[1].refusals[0])
    assert said == "Line #2 of this file has the number N-1 too."


def test_the_same_file_twice_is_refused_by_its_numbers(coordinator: User) -> None:
    content = file_of(line(1), line(2))
    import_courses(content=content, actor=coordinator, now=NOW)
    with pytest.raises(Refused) as refused:
        import_courses(content=content, actor=coordinator, now=NOW)
    assert {r.code for r in refused.value.refusals} >= {"identifier_taken"}
    assert "NIG-0001" in str(refused.value)
    assert Course.objects.count() == 2


def test_a_look_alike_yields_to_a_reason_in_its_line(coordinator: User) -> None:
    import_courses(content=file_of(line(1)), actor=coordinator, now=NOW)
    twin = line(1, identifier_value="N-9", distinct_reason="her sister")
    assert import_courses(content=file_of(twin), actor=coordinator, now=NOW).committed


def test_choices_may_be_codes_or_words(coordinator: User, protocol: Protocol) -> None:
    with translation.override("it"):
        content = file_of(
            line(1, stage="Follow-up", apheresis_1_result="ADEQUATE", sex="", identifier_system="",
                 protocol=protocol.code, coordinator=coordinator.username)
        )  # fmt: skip
        report = import_courses(content=content, actor=coordinator, now=NOW)
    assert report.committed
    assert Course.objects.get().coordinator == coordinator


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "<script>x</script>", "'; --"])
def test_hostile_cells_are_text(coordinator: User, text: str) -> None:
    import_courses(content=file_of(line(1, family_name=text)), actor=coordinator, now=NOW)
    assert Patient.objects.get().family_name == text


def test_who_may_not_refer_may_neither_try_nor_import(user_with: UserWith) -> None:
    nurse = user_with("ward_nurse")
    for work in (try_courses, import_courses):
        with pytest.raises(NotAllowed):
            work(content=file_of(line(1)), actor=nurse, now=NOW)


@given(data=st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_in_any_cell_is_entered_whole_or_not_at_all(coordinator: User, data: Any) -> None:
    names = data.draw(st.lists(st.sampled_from(columns()), max_size=4, unique=True))
    text = st.text(max_size=30) | st.sampled_from(
        ["2026-02-30", "31/12/1999", "1,5", "referral", "lost", "infused", "\x00", "9" * 20]
    )
    cells = {name: data.draw(text) for name in names}
    before = Course.objects.count()
    content = file_of(line(before, **cells), line(before + 1)).decode("utf-8", "replace")
    try:
        report = import_courses(content=content.encode(), actor=coordinator, now=NOW)
    except Refused:
        assert Course.objects.count() == before
        return
    assert Course.objects.count() == before + len(report.outcomes)
    assert Patient.objects.count() == Course.objects.count()


# --- the command


def test_the_command_tries_then_enters(coordinator: User, centre: Centre, tmp_path: Any) -> None:
    file = tmp_path / "courses.csv"
    file.write_bytes(file_of(line(1)))
    out = io.StringIO()
    given_ = {"centre": centre.code, "username": coordinator.username, "stdout": out}
    call_command("import_courses", str(file), **given_)
    assert not Course.objects.exists()
    call_command("import_courses", str(file), commit=True, **given_)
    assert Course.objects.get().code in out.getvalue()
    with pytest.raises(CommandError, match="cannot be entered"):
        call_command("import_courses", str(file), **given_)
    with pytest.raises(CommandError, match="N-1"):
        call_command("import_courses", str(file), commit=True, **given_)


def test_the_command_says_what_is_wrong_with_its_arguments(
    coordinator: User, centre: Centre, tmp_path: Any
) -> None:
    with pytest.raises(CommandError, match="no such person"):
        call_command("import_courses", "x.csv", centre="none", username=coordinator.username)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command(
            "import_courses",
            str(tmp_path / "none.csv"),
            centre=centre.code,
            username=coordinator.username,
        )
