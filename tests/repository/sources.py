"""The project's own files, read once, for the tests about the repository itself."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    "accounts",
    "audit",
    "desk",
    "exports",
    "pathway",
    "patients",
    "protocol",
    "reminders",
    "terms",
    "toxicity",
)
CODE = (*APPS, "bench", "config")
# Made by tools, or holding what the machine keeps for itself.
_NOT_OURS = {".git", ".venv", "var", "htmlcov", "staticfiles", "__pycache__", "images"}
_TEXT = {".py", ".html", ".css", ".js", ".svg", ".md", ".toml", ".yml", ".lock", ".po", ".txt", ""}


@dataclass(frozen=True)
class Source:
    """One Python file: where it is, its text and its tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def app(self) -> str:
        """The top folder."""
        return self.path.split("/")[0]

    @property
    def name(self) -> str:
        """The file without its ending."""
        return Path(self.path).stem

    @property
    def is_entrance(self) -> bool:
        """Whether requests come in here: pages and API."""
        parts = self.path.removesuffix(".py").split("/")
        return (
            "api" in parts
            or self.name in {"views", "form_pages"}
            or self.name.endswith("_views")
            or self.name.startswith("api_")
        )

    @property
    def is_edge(self) -> bool:
        """Whether the clock may be read here: where something comes in from outside."""
        named = self.name in {"tasks", "adapter", "idle"}  # allauth's hooks, a middleware
        return self.is_entrance or named or "management" in self.path.split("/")

    def at(self, node: ast.stmt | ast.expr | ast.ExceptHandler) -> str:
        """The place of a node, as a message names it."""
        return f"{self.path}:{node.lineno}"


def files() -> Iterator[Path]:
    """Every text file of the repository, whether committed already or not."""
    folders = [ROOT]
    while folders:
        for path in sorted(folders.pop().iterdir()):
            hidden = path.name.startswith(".") and path.name not in {".ci", ".gitignore"}
            if path.name in _NOT_OURS or (path.is_dir() and hidden):
                continue
            if path.is_dir():
                folders.append(path)
            elif path.suffix in _TEXT and not path.name.startswith(".coverage"):
                yield path


def short(path: Path) -> str:
    """The path from the top of the repository."""
    return path.relative_to(ROOT).as_posix()


@cache
def python(*tops: str) -> tuple[Source, ...]:
    """The Python files below the top folders, without migrations."""
    found = []
    for top in tops:
        for path in sorted((ROOT / top).rglob("*.py")):
            if "migrations" not in path.parts and path.read_text(encoding="utf-8").strip():
                text = path.read_text(encoding="utf-8")
                found.append(Source(short(path), text, ast.parse(text)))
    return tuple(found)


def code() -> tuple[Source, ...]:
    """The application's Python files, without tests."""
    return python(*(top for top in CODE if (ROOT / top).is_dir()))


def calls(source: Source) -> Iterator[ast.Call]:
    """Every call."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            yield node


def functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
