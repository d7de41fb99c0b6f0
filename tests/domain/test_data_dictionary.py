"""Every column of every file is described, and nothing is described that no file has."""

from exports.dictionary.page import described, file_columns, page
from exports.event_labels import EVENT_LABELS
from exports.registry.columns import registry_files


def test_every_column_has_its_meaning_and_every_meaning_its_column() -> None:
    told, columns = described(), file_columns()
    assert set(told) == set(columns)
    for name, file in told.items():
        assert list(file.columns) == [column.name for column in columns[name]], name
        assert all(one.meaning and one.source for one in file.columns.values())


def test_every_field_of_a_registry_has_rule_source_and_form() -> None:
    for file in registry_files().values():
        keys = [field.key for field in file.fields]
        assert len(keys) == len(set(keys))
        assert all(field.rule and field.source and field.form for field in file.fields)
        assert {field.type for field in file.fields} <= {
            "text", "code", "day", "date", "number", "yes_no",
        }  # fmt: skip


def test_the_page_lists_every_column_event_and_code() -> None:
    made = page()
    for code in EVENT_LABELS:
        assert f"| `{code}` |" in made
    assert "277571004" in made
    assert "{stage}" not in made
