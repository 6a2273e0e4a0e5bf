"""Every visible string is translated into Chinese, and the compiled catalogue matches the source."""

import gettext
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCALE = Path("locale/zh_Hans/LC_MESSAGES")
SOURCES = ["accounts", "common", "config", "generation", "jobs", "studio", "gallery", "templates", "locale"]
COLLECT = ["makemessages", "--locale", "zh_Hans", "--no-location", "--no-obsolete", "--no-wrap"]
CHINESE = re.compile(r"[\u3400-\u9fff]")
NAMES = "who|provider|provider_name|name|target|model|plan|title|author|names|titles|workspace|cap|label|story|place"


def run_tool(name, *arguments):
    """Run a program of gettext and return its output."""
    assert shutil.which(name), "gettext is missing: install it (Debian: apt install gettext)"
    completed = subprocess.run([name, *map(str, arguments)], capture_output=True, text=True)
    assert completed.returncode == 0, completed.stderr
    return completed.stdout


@pytest.fixture(scope="module")
def collected_catalogue(tmp_path_factory):
    """The catalogue that `make messages` writes for a copy of the sources."""
    copy = tmp_path_factory.mktemp("collect")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manage.py", copy)
    completed = subprocess.run([sys.executable, "manage.py", *COLLECT], cwd=copy, capture_output=True, text=True)
    assert completed.returncode == 0, completed.stderr
    return copy / LOCALE / "django.po"


def message_ids(filter_name, catalogue):
    """Return the msgid lines that pass the filter of msgattrib."""
    output = run_tool("msgattrib", filter_name, "--no-wrap", catalogue)
    return [line for line in output.splitlines() if line.startswith("msgid ") and line != 'msgid ""']


def test_every_visible_string_has_a_chinese_translation(collected_catalogue):
    assert message_ids("--untranslated", collected_catalogue) == [], "run `make messages` and translate these"


def test_no_translation_is_fuzzy(collected_catalogue):
    assert message_ids("--only-fuzzy", collected_catalogue) == [], "check these translations and remove the word fuzzy"


def test_placeholders_are_the_same_in_both_languages():
    run_tool("msgfmt", "--check", "--output-file=/dev/null", ROOT / LOCALE / "django.po")


def test_the_compiled_catalogue_matches_its_source(tmp_path):
    run_tool("msgfmt", f"--output-file={tmp_path / 'fresh.mo'}", ROOT / LOCALE / "django.po")

    assert (ROOT / LOCALE / "django.mo").exists(), "run `make messages` and commit django.mo"
    assert read_messages(ROOT / LOCALE / "django.mo") == read_messages(tmp_path / "fresh.mo"), "run `make messages`"


def read_messages(path):
    with path.open("rb") as file:
        return gettext.GNUTranslations(file)._catalog


def test_chinese_has_full_width_punctuation():
    """A comma or colon after a Chinese character, or after a value that may be Chinese, is a full-width one."""
    catalogue = read_messages(ROOT / LOCALE / "django.mo")
    half_width = re.compile(r"[\u3400-\u9fff）”’》][:,;?!]|%\(\w+\)s[:,;] ")

    assert [text for text in catalogue.values() if half_width.search(text) and CHINESE.search(text)] == []


def test_no_space_in_chinese_before_a_name_that_may_be_chinese():
    """The browser separates Latin names (text-autospace), so 可灵 stands in a sentence without spaces around it."""
    catalogue = read_messages(ROOT / LOCALE / "django.mo")
    spaced = re.compile(rf"[\u3400-\u9fff] %\((?:{NAMES})\)s|%\((?:{NAMES})\)s [\u3400-\u9fff]")

    assert [text for text in catalogue.values() if spaced.search(text)] == []


def test_templates_write_no_punctuation_between_values():
    """A colon or comma between two values is translated: {% translate ": " %}, {% translate ", " %} or |listed."""
    written = re.compile(r"(?:\}\}|%\}|</\w+>)[:,] (?=\{[{%])")
    sentence = re.compile(r"{% blocktranslate.*?{% endblocktranslate %}", re.DOTALL)
    texts = {path: sentence.sub("", path.read_text()) for path in (ROOT / "templates").rglob("*.*")}

    assert [str(path.relative_to(ROOT)) for path, text in texts.items() if written.search(text)] == []
