"""Files and modules that comments, docstrings and docs name exist."""

import re
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
APPS = ["accounts", "common", "config", "gallery", "generation", "jobs", "studio"]
FOLDERS = [*APPS, "benchmarks", "deploy", "docs", "locale", "scripts", "static", "templates", "tests"]
SUFFIXES = "bin|css|html|js|md|param|po|py|sh|svg|toml|txt|webp|woff2|yml|zip"
SEGMENT = r"[\w.<>*-]+"
PATH = re.compile(
    rf"(?<![\w/.@:~=-])((?:{SEGMENT}/)*{SEGMENT}\.(?:{SUFFIXES})|(?:{'|'.join(FOLDERS)})/[\w.<>*/-]*)(?![\w/])"
)
DOTTED = re.compile(rf"(?<![\w./@-])(?:{'|'.join(APPS)}|benchmarks|tests)(?:\.\w+)+(?![\w/-])")
PERMISSION = re.compile(r"\w+\.(?:view|add|change|delete)_\w+")
HASHES = r"(?m:^|\s)#[^\n]*"
PROSE = {
    ".py": rf'{HASHES}|""".*?"""',
    ".js": r"/\*.*?\*/|(?<!:)//[^\n]*",
    ".css": r"/\*.*?\*/",
    ".html": r"{#.*?#}|{% comment.*?endcomment %}|<!--.*?-->",
    ".md": r".+",
}
NOT_OURS = {  # examples, files of others, files on the disk of a running site, and what is planned
    "<app>/api.py",
    "components/x.html",
    "config/api.py",
    "deploy/certificates",
    "file.html",
    "models/REALESRGAN_ANIMAVIDEOV3_UP2X.bin",
    "models/REALESRGAN_ANIMAVIDEOV3_UP2X.param",
    "page.html",
    "places/meadow.py",
    "poster.webp",
    "robots.txt",
    "small.webp",
    "subjects/fox.py",
    "TSCharacters.txt",
}
WITHOUT_PROSE = {".bin", ".webp", ".woff2", ".zip", ".mp4", ".mo", ".po", ".pyc", ".png"}


def list_files():
    files = [path for path in ROOT.iterdir() if path.is_file() and not path.name.startswith((".env", ".coverage"))]
    return sorted([*files, *(path for name in FOLDERS for path in (ROOT / name).rglob("*") if path.is_file())])


FILES = list_files()


@cache
def list_endings():
    """Return each path of a file or folder and what it ends with, by segments: a/b/c, b/c, c."""
    paths = {path.relative_to(ROOT) for path in FILES}
    paths |= {folder for path in paths for folder in path.parents}
    return {"/".join(path.parts[n:]) for path in paths for n in range(len(path.parts))}


@cache
def read_prose(path):
    """Return what a file says to its readers: comments, docstrings, or all of a document."""
    if "vendor" in path.parts or path.suffix in (
        ".bin",
        ".webp",
        ".woff2",
        ".zip",
        ".mp4",
        ".mo",
        ".po",
        ".pyc",
        ".png",
    ):
        return ""
    text = path.read_text(errors="replace")
    return "\n".join(re.findall(PROSE.get(path.suffix, HASHES), text, re.DOTALL))


def is_path(name):
    """Return whether a file or folder has that path, or ends with it. ``<name>`` stands for any text."""
    name = re.sub(r"^(?:\.\./)+", "", name).rstrip("/.")
    pattern = re.sub(r"<[^>]+>", "*", re.sub(r"^(docs/adr/\d{4})$", r"\1*", name))
    endings = list_endings()
    return (
        name in NOT_OURS or pattern in endings or ("*" in pattern and any(fnmatch(path, pattern) for path in endings))
    )


def is_dotted_path(name):
    """Return whether a module has that name, or contains what follows the name of the module."""
    if PERMISSION.fullmatch(name):
        return True
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:count])
        for module in (path.with_suffix(".py"), path / "__init__.py"):
            if module.exists():
                return count == len(parts) or re.search(rf"\b{parts[count]}\b", module.read_text()) is not None
    return False


@pytest.mark.parametrize(("pattern", "exists"), [(PATH, is_path), (DOTTED, is_dotted_path)], ids=["files", "modules"])
def test_what_comments_and_docs_name_exists(pattern, exists):
    named = {path.relative_to(ROOT): sorted(set(pattern.findall(read_prose(path)))) for path in FILES}
    dead = {str(path): missing for path, names in named.items() if (missing := [n for n in names if not exists(n)])}

    assert dead == {}
