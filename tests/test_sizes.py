"""Files keep their size limits (those of functions: ruff, PLR0915), and templates the content security policy."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
APPS = ["common", "accounts", "jobs", "generation", "studio", "gallery", "config"]
CODE = [path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# Templates above the limit, and lines of more than 200 characters in all templates, from the time before these limits.
LARGE_TEMPLATES = {
    "generation/_composer_pictures.html",
    "generation/clip.html",
    "generation/connections.html",
    "generation/create.html",
    "generation/home.html",
    "generation/prompts.html",
    "studio/_editor.html",
    "studio/film_page.html",
    "studio/first_film.html",
}
LONG_LINES = 259
UNFORMATTED_TABLES = 32
DRAWINGS = ROOT / "generation/animatic/subjects"  # whole files of coordinates, which are not formatted
FORBIDDEN = {
    "a style attribute": r"<[^>]*\sstyle=",
    "an inline handler": r"<[^>]*\son[a-z]+=",
    "an htmx handler": r"\shx-on",
    "a javascript: link": r"javascript:",
    "an inline style sheet": r"<style\b",
    "an inline script": r"<script\b(?![^>]*(?:\ssrc=|type=\"application/(?:ld\+)?json\"))",
}


def test_files_of_code_have_at_most_500_lines():
    counts = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in CODE}

    assert {name: count for name, count in counts.items() if count > 500} == {}


def test_no_more_code_is_kept_from_the_formatter():
    others = [path for path in CODE if DRAWINGS not in path.parents]

    assert sum(path.read_text().count("# fmt: skip") for path in CODE) <= UNFORMATTED_TABLES
    assert [str(path.relative_to(ROOT)) for path in others if "# fmt: off" in path.read_text()] == []


def test_templates_have_at_most_8_kB():
    large = {str(path.relative_to(ROOT / "templates")) for path in TEMPLATES if path.stat().st_size > 8192}

    assert large == LARGE_TEMPLATES


def test_templates_have_no_more_long_lines():
    lines = [line for path in TEMPLATES for line in path.read_text().splitlines()]

    assert sum(len(line) > 200 for line in lines) <= LONG_LINES


@pytest.mark.parametrize("pattern", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_no_template_contains(pattern):
    def text(path):
        return re.sub(r"{#.*?#}|{% comment.*?endcomment %}", "", path.read_text(), flags=re.DOTALL)

    assert [str(path.relative_to(ROOT)) for path in TEMPLATES if re.search(pattern, text(path))] == []
