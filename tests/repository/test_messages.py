"""The Italian catalogue is whole, and what finds its faults finds them."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import messages
from config.messages import KEYWORDS, LANGUAGES, ROOT, catalogue_path
from tests.repository.sources import code

ITALIAN = catalogue_path(ROOT, "it")
IN_TEMPLATES = re.compile(r"""\{%\s*translate\s+(?:"([^"]*)"|'([^']*)')""")

CODE = """\
from terms.words import N_
from django.utils.translation import gettext as _, ngettext, pgettext

LATE = N_("Overdue since %(on)s")
LONG = _(
    "Two lines "
    "of one text."
)
COUNT = ngettext("%(number)s day", "%(number)s days", 2)
HELD = pgettext("box", "On hold")
"""
PAGE = """\
{% block content %}
      <p>{% translate "Board" %}</p>
  <p>{% translate "On hold" context "rail" as held %}</p>
{% blocktranslate trimmed with name=user.name %}
  Signed in
    as {{ name }}
{% endblocktranslate %}
  {% blocktranslate trimmed count n=n %}{{ n }} bed{% plural %}{{ n }} beds{% endblocktranslate %}
{% endblock %}
"""
TRANSLATED: dict[str, str | tuple[str, ...]] = {
    "Overdue since %(on)s": "In ritardo dal %(on)s",
    "Two lines of one text.": "Due righe di un testo.",
    "Board": "Quadro",
    "Signed in as %(name)s": "Accesso come %(name)s",
    "On hold": "In sospeso",
    "%(number)s day": ("un giorno", "%(number)s giorni"),
    "%(n)s bed": ("%(n)s letto", "%(n)s letti"),
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A small site with a whole catalogue."""
    (tmp_path / "code.py").write_text(CODE)
    (tmp_path / "templates" / "desk").mkdir(parents=True)
    (tmp_path / "templates" / "desk" / "page.html").write_text(PAGE)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_code.py").write_text('_("not a word of the site")')
    words = messages.words_of_sources(tmp_path)
    for word in words:
        if word.id:
            singular = word.id if isinstance(word.id, str) else word.id[0]
            word.string = TRANSLATED[singular]
    path = catalogue_path(tmp_path, "it")
    path.parent.mkdir(parents=True)
    path.write_text(messages.updated(words, words, "it"))
    return tmp_path


def faults(site: Path) -> list[str]:
    """The faults of the small site's catalogue, without its path."""
    path = catalogue_path(site, "it")
    found = messages.faults_of_catalogues(site)
    return [fault.removeprefix(f"{path}: ") for fault in found]


def change(site: Path, old: str, new: str) -> None:
    """Change the catalogue of the small site in one place."""
    path = catalogue_path(site, "it")
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


# --- this site's catalogue


def test_catalogues_are_whole_and_up_to_date() -> None:
    assert messages.faults_of_catalogues() == []


def test_there_is_a_catalogue_for_every_language_but_english(settings: object) -> None:
    offered = {code for code, _name in getattr(settings, "LANGUAGES", ())}
    assert offered == {"en", *LANGUAGES}


def marked_in_code() -> Iterator[tuple[str, str]]:
    """Every text of the code marked for translation, found without the tool under test."""
    for source in code():
        if source.path.split("/")[0] == "bench":
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in KEYWORDS:
                texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
                assert isinstance(node.func, ast.Name)
                if "pgettext" in node.func.id:
                    texts = texts[1:]
                yield from ((source.at(node), text) for text in texts if isinstance(text, str))


def test_every_marked_text_of_code_and_templates_has_its_italian() -> None:
    catalogue = messages.read_catalogue(ITALIAN)
    known = {
        text
        for message in catalogue
        if message.string and all(message.string)
        for text in ([message.id] if isinstance(message.id, str) else message.id)
    }
    in_templates = [
        (str(path.relative_to(ROOT)), first or second)
        for path in (ROOT / "templates").rglob("*.html")
        for first, second in IN_TEMPLATES.findall(path.read_text())
    ]
    marked = [*marked_in_code(), *in_templates]
    assert len(marked) > 500
    assert [place for place in marked if place[1] not in known] == []


def test_no_text_is_put_together_before_it_is_marked() -> None:
    joined = [
        source.at(node)
        for source in code()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in KEYWORDS
        if any(isinstance(argument, ast.JoinedStr | ast.BinOp) for argument in node.args)
    ]
    assert joined == []


def test_italian_ends_its_sentences_as_english_does() -> None:
    odd = [
        message.id
        for message in messages.read_catalogue(ITALIAN)
        if isinstance(message.id, str)
        and isinstance(message.string, str)
        and message.id[-1:] in ".:?"
        and len(message.id.split()) > 2  # Hospital no.
        and message.id[-1:] != message.string[-1:]
    ]
    assert odd == []


# --- the tool


def test_words_come_from_code_and_templates_with_contexts_and_plurals(site: Path) -> None:
    found = {(word.id, word.context) for word in messages.words_of_sources(site) if word.id}
    assert found == {
        ("Overdue since %(on)s", None),
        ("Two lines of one text.", None),
        (("%(number)s day", "%(number)s days"), None),
        ("On hold", "box"),
        ("Board", None),
        ("On hold", "rail"),
        ("Signed in as %(name)s", None),
        (("%(n)s bed", "%(n)s beds"), None),
    }


def test_whole_catalogue_has_no_fault(site: Path) -> None:
    assert faults(site) == []
    assert messages.main(["check"], site) == 0


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('msgid "Board"', 'msgid "Boards"', "'Board': not in the catalogue"),
        ('msgid "Board"', 'msgid "Boards"', "'Boards': no longer used"),
        (
            'msgid "Board"\nmsgstr "Quadro"',
            '#~ msgid "Old"\n#~ msgstr "Vecchio"',
            "'Old': no longer",
        ),
        ('"Quadro"', '""', "'Board': not translated"),
        ('"%(n)s letti"', '""', "'%(n)s bed': not translated"),
        ('msgid "Board"', '#, fuzzy\nmsgid "Board"', "'Board': marked fuzzy"),
        ("ritardo dal %(on)s", "ritardo", "'Overdue since %(on)s': places differ"),
        ("ritardo dal %(on)s", "ritardo dal %(in)s", "'Overdue since %(on)s': places differ"),
        ('"%(n)s letti"', '"letti"', "'%(n)s bed': places differ in 'letti'"),
        ('"un giorno"', '"%(numero)s giorno"', "'%(number)s day': places differ"),
        ('msgctxt "box"', 'msgctxt "boxes"', "'On hold' (box): not in the catalogue"),
        ('msgid_plural "%(n)s beds"', 'msgid_plural "beds"', "'%(n)s bed': not in the catalogue"),
    ],
)
def test_fault_is_found_and_named(site: Path, old: str, new: str, fault: str) -> None:
    change(site, old, new)
    assert any(found.startswith(fault) for found in faults(site)), faults(site)
    assert messages.main(["check"], site) == 1


def test_order_other_than_the_tools_is_a_fault(site: Path) -> None:
    path = catalogue_path(site, "it")
    path.write_text(path.read_text() + "\n\n")
    assert len(faults(site)) == 1


def test_missing_catalogue_names_every_word(site: Path) -> None:
    catalogue_path(site, "it").unlink()
    assert len(faults(site)) == 8


def test_broken_catalogue_is_told_by_its_name(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(site, 'msgstr "Quadro"', "Quadro")
    for command in ("check", "compile", "extract"):
        assert messages.main([command], site) == 1
        assert "django.po" in capsys.readouterr().err


def test_extracting_keeps_translations_drops_unused_words_and_adds_new_ones(site: Path) -> None:
    path = catalogue_path(site, "it")
    before = path.read_text()
    assert messages.main(["extract"], site) == 0
    assert path.read_text() == before
    (site / "code.py").write_text(CODE.replace("Overdue", "Late"))
    assert messages.main(["extract"], site) == 0
    after = path.read_text()
    assert 'msgid "Late since %(on)s"\nmsgstr ""' in after
    assert "Overdue" not in after
    assert 'msgid "Board"\nmsgstr "Quadro"' in after
    assert faults(site) == ["'Late since %(on)s': not translated"]


def test_text_that_gains_a_plural_waits_for_it(site: Path) -> None:
    more = CODE + 'BOARDS = ngettext("Board", "Boards", 2)\n'
    (site / "code.py").write_text(more)
    assert messages.main(["extract"], site) == 0
    assert faults(site) == ["'Board': not translated"]


def test_two_plurals_of_one_text_are_refused(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (site / "code.py").write_text(CODE + 'DAYS = ngettext("%(number)s day", "many days", 2)\n')
    assert messages.main(["extract"], site) == 1
    assert "two plurals" in capsys.readouterr().err


def test_compiled_catalogue_is_read_by_gettext(site: Path) -> None:
    assert messages.main(["compile"], site) == 0
    words = gettext.translation("django", site / "locale", ["it"])
    assert words.gettext("Board") == "Quadro"
    assert words.pgettext("rail", "On hold") == "In sospeso"
    assert words.ngettext("%(n)s bed", "%(n)s beds", 1) == "%(n)s letto"
    assert words.ngettext("%(n)s bed", "%(n)s beds", 0) == "%(n)s letti"
    assert [path.name for path in catalogue_path(site, "it").parent.iterdir()].count(
        "django.mo"
    ) == 1
    assert len(list(catalogue_path(site, "it").parent.iterdir())) == 2


@pytest.mark.parametrize("arguments", [[], ["check", "now"], ["update"]])
def test_other_words_on_the_command_line_are_answered_with_the_usage(arguments: list[str]) -> None:
    assert messages.main(arguments) == 2
