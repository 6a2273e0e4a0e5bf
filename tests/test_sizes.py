"""Files and functions keep their size limits, and templates the content security policy."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
APPS = ["common", "accounts", "jobs", "generation", "studio", "gallery", "config"]
CODE = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
FORBIDDEN = {
    "a style attribute": r"<[^>]*\sstyle=",
    "an inline handler": r"<[^>]*\son[a-z]+=",
    "an htmx handler": r"\shx-on",
    "a javascript: link": r"javascript:",
    "an inline style sheet": r"<style\b",
    "an inline script": r"<script\b(?![^>]*(?:\ssrc=|type=\"application/(?:ld\+)?json\"))",
}


def count_lines(node):
    """Return the number of lines of a function without its docstring."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return body[-1].end_lineno - body[0].lineno + 2 if body else 1


def long_functions(path):
    limit = 25 if "views" in path.parts or path.name == "views.py" else 40
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, functions)]
    return {f"{path.relative_to(ROOT)}: {node.name}": count_lines(node) for node in nodes if count_lines(node) > limit}


def test_functions_have_at_most_40_lines_and_views_25():
    found = [long_functions(path) for path in CODE]

    assert {name: count for functions in found for name, count in functions.items()} == {}


@pytest.mark.parametrize(("paths", "limit"), [(CODE, 500), (TEMPLATES, 150)], ids=["code", "templates"])
def test_files_keep_their_size(paths, limit):
    counts = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in paths}

    assert {name: count for name, count in counts.items() if count > limit} == {}


@pytest.mark.parametrize("pattern", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_no_template_contains(pattern):
    def text(path):
        return re.sub(r"{#.*?#}|{% comment.*?endcomment %}", "", path.read_text(), flags=re.DOTALL)

    assert [str(path.relative_to(ROOT)) for path in TEMPLATES if re.search(pattern, text(path))] == []
