"""`python -m config.messages extract|compile|check`: the catalogues of the site's other languages.

No settings and no GNU gettext are needed, so the image and a bare machine can compile as well.
"""

import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO
from itertools import chain
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("it",)  # besides English, which the msgids are written in

# The second number of a context function names its context; N_ is terms.words.N_.
KEYWORDS = {
    "N_": (1,),
    "_": (1,),
    "gettext": (1,),
    "gettext_lazy": (1,),
    "gettext_noop": (1,),
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
NOT_SOURCES = {"migrations", "tests", "bench", "var", "staticfiles", "node_modules"}
PLACE = re.compile(r"%%|%\(\w+\)[sdf]|%[sd]|\{\w*(?::\w+)?\}")

# No dates, so that a catalogue changes only when its words do.
HEADER = """\
# Words of Percorso: {language}. `make messages` adds what templates and code gained since.
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


class CatalogueError(Exception):
    """A source or a catalogue cannot be read; the message names the file and the line."""


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Run one of the three commands; 1 when something is wrong, with a line for each fault."""
    commands: dict[str, Callable[[Path], list[str]]] = {
        "extract": write_catalogues,
        "compile": compile_catalogues,
        "check": faults_of_catalogues,
    }
    if len(arguments) != 1 or arguments[0] not in commands:
        sys.stderr.write(f"usage: python -m config.messages {'|'.join(commands)}\n")
        return 2
    try:
        faults = commands[arguments[0]](root)
    except CatalogueError as error:
        faults = [str(error)]
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


def write_catalogues(root: Path = ROOT) -> list[str]:
    """Bring every catalogue up to date with the sources; what has no translation stays empty.

    Translations of words that are no longer used are dropped: the history keeps them.
    """
    words = words_of_sources(root)
    for language in LANGUAGES:
        path = catalogue_path(root, language)
        text = updated(words, read_catalogue(path), language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        left = sum(not _is_translated(message) for message in _messages(read_catalogue(path)))
        sys.stdout.write(f"{path.relative_to(root)}: {len(words)} words, {left} to translate\n")
    return []


def compile_catalogues(root: Path = ROOT) -> list[str]:
    """Write the file that Django reads beside every catalogue."""
    for language in LANGUAGES:
        path = catalogue_path(root, language)
        catalogue = read_catalogue(path)
        # Whole or not at all: another process may be reading it.
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            write_mo(file, catalogue)
        os.chmod(file.name, 0o644)
        os.replace(file.name, path.with_suffix(".mo"))
    return []


def faults_of_catalogues(root: Path = ROOT) -> list[str]:
    """What is wrong with the catalogues against the sources, a line for each fault."""
    words = words_of_sources(root)
    return [
        fault
        for language in LANGUAGES
        for fault in faults_of(catalogue_path(root, language), words, language)
    ]


def catalogue_path(root: Path, language: str) -> Path:
    """Where Django looks for the catalogue of `language`."""
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


def words_of_sources(root: Path = ROOT) -> Catalog:
    """Every msgid of the code and the templates under `root`, without translations.

    Raises CatalogueError when one msgid is used both with and without a plural, or with two.
    """
    catalogue = Catalog(locale="en", fuzzy=False)
    for path in _sources(root):
        for identity, context in _words_of(path):
            known = catalogue.get(_singular(identity), context)
            if known is None:
                catalogue.add(identity, context=context)
            elif isinstance(identity, tuple) and known.id != identity:
                if known.pluralizable:
                    raise CatalogueError(f"{path}: {identity[0]!r} has two plurals")
                # As gettext does: the one with a plural serves both uses.
                catalogue.delete(_singular(identity), context)
                catalogue.add(identity, context=context)
    return catalogue


def read_catalogue(path: Path) -> Catalog:
    """The catalogue in `path`, empty when there is none; raises CatalogueError when unreadable."""
    if not path.exists():
        return Catalog(fuzzy=False)
    try:
        with path.open("rb") as file:
            return read_po(file, abort_invalid=True)
    except (PoFileError, ValueError) as error:
        raise CatalogueError(f"{path}: {error}") from error


def updated(words: Catalog, translated: Catalog, language: str) -> str:
    """The text of a catalogue: the msgids of `words`, with the translations there are."""
    catalogue = Catalog(locale=language, fuzzy=False)
    for word in _messages(words):
        known = translated.get(_singular(word.id), word.context)
        keep = known is not None and known.pluralizable == word.pluralizable
        catalogue.add(
            word.id,
            known.string if known is not None and keep else "",
            flags={"fuzzy"} if known is not None and keep and known.fuzzy else (),
            context=word.context,
        )
    body = BytesIO()
    write_po(body, catalogue, width=0, no_location=True, omit_header=True, sort_output=True)
    return HEADER.format(language=language) + body.getvalue().decode().lstrip("\n")


def faults_of(path: Path, words: Catalog, language: str) -> list[str]:
    """What is wrong with the catalogue in `path`, a line for each fault, against the sources."""
    translated = read_catalogue(path)
    faults = []
    for word in _messages(words):
        known = translated.get(_singular(word.id), word.context)
        if known is None or known.pluralizable != word.pluralizable or known.id != word.id:
            faults.append(_fault(path, word, "not in the catalogue; run `make messages`"))
        else:
            faults += [_fault(path, word, why) for why in _faults_of_message(known)]
    unused = [
        message
        for message in _messages(translated)
        if words.get(_singular(message.id), message.context) is None
    ]
    faults += [
        _fault(path, message, "no longer used; run `make messages`")
        for message in chain(unused, translated.obsolete.values())
    ]
    if not faults and path.read_text() != updated(words, translated, language):
        faults.append(f"{path}: not in the order of `make messages`; run it")
    return faults


def _sources(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(
            name for name in folders if name not in NOT_SOURCES and not name.startswith(".")
        )
        in_templates = "templates" in Path(folder).relative_to(root).parts
        for name in sorted(files):
            if name.endswith(".py") or (in_templates and name.endswith((".html", ".txt"))):
                yield Path(folder) / name


def _words_of(path: Path) -> Iterator[tuple[str | tuple[str, str], str | None]]:
    """The msgids of one file, each with its context."""
    source = path.read_text()
    if path.suffix != ".py":
        # What is left of the page is no Python: its indentation must not be read as one.
        source = "\n".join(line.lstrip() for line in templatize(source, str(path)).splitlines())
    found = extract("python", BytesIO(source.encode()), KEYWORDS, options={"encoding": "utf-8"})
    for _line, identity, _comments, context in found:
        if identity:
            yield (identity if isinstance(identity, str) else (identity[0], identity[1])), context


def _messages(catalogue: Catalog) -> list[Message]:
    """The messages of a catalogue without its header."""
    return [message for message in catalogue if message.id]


def _singular(identity: str | Iterable[str]) -> str:
    return identity if isinstance(identity, str) else next(iter(identity))


def _texts(text: str | Iterable[str] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def _is_translated(message: Message) -> bool:
    texts = _texts(message.string)
    return bool(texts) and all(texts)


def _faults_of_message(message: Message) -> list[str]:
    if not _is_translated(message):
        return ["not translated"]
    faults = ["marked fuzzy"] if message.fuzzy else []
    asked = [_places(text) for text in _texts(message.id)]
    for number, text in enumerate(_texts(message.string)):
        # For one thing a language may say "one" where English shows the number, or the reverse.
        may_say_one = message.pluralizable and number == 0
        used = _places(text)
        if used != asked[-1] and not (may_say_one and used <= asked[-1]):
            faults.append(f"places differ in {text!r}")
    if len(_texts(message.string)) != len(asked):
        faults.append("number of plural forms differs")
    return faults


def _places(text: str) -> Counter[str]:
    """The places that values are put in, such as %(days)s, each as often as it occurs."""
    return Counter(PLACE.findall(text))


def _fault(path: Path, message: Message, why: str) -> str:
    context = f" ({message.context})" if message.context else ""
    return f"{path}: {_singular(message.id)!r}{context}: {why}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
