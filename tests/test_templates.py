"""Templates compile, icons and scripts exist, and every colour is a token."""

import re
from pathlib import Path

from django.template.loader import get_template

from common.web.components import LOOK_ICONS
from tests.sweep import sweep

ROOT = Path(__file__).parent.parent
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.html"))
SHEETS = sorted((ROOT / "static/css").rglob("*.css"))
SCRIPTS = sorted((ROOT / "static/js").glob("*.js"))
MAIN_SHEET = ROOT / "static/css/main.css"
APPS = ("common", "accounts", "jobs", "generation", "studio", "gallery")
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(")


def path_from_root(path):
    return str(path.relative_to(ROOT))


def remove_masks(sheet):
    """Remove masks, whose black is no colour."""
    return re.sub(r"url\(\"data:[^)]*\"\)|mask:[^;]*;", "", sheet)


def read_icon_names():
    return set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static/icons/sprite.svg").read_text()))


def test_every_template_compiles():
    with sweep(TEMPLATES) as rows:
        for path in rows:
            with rows.row(path_from_root(path)):
                get_template(str(path.relative_to(ROOT / "templates")))


def test_no_page_polls_beside_its_socket():
    """Elements are fetched when their topics change (docs/adr/0025-live-pages.md)."""
    polling = [path_from_root(path) for path in TEMPLATES if re.search(r'hx-trigger="[^"]*every ', path.read_text())]
    assert polling == []


def test_every_named_icon_exists():
    sources = TEMPLATES + [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    names = re.compile(r'(?:{% icon |draw_icon\(|ClipLink\("[^"]+", )"([^"]+)"')
    used = {icon for path in sources for icon in names.findall(path.read_text())}

    assert used | set(LOOK_ICONS.values()) <= read_icon_names()


def test_colours_exist_only_as_tokens():
    found = {
        path_from_root(path): COLOUR.findall(remove_masks(path.read_text()))
        for path in SHEETS
        if path.name != "tokens.css"
    }

    assert {sheet: colours for sheet, colours in found.items() if colours} == {}


def test_every_used_token_is_defined():
    text = "".join(path.read_text() for path in SHEETS)
    scripts = "".join(path.read_text() for path in SCRIPTS)
    defined = set(re.findall(r"(--[\w-]+):", text)) | set(re.findall(r"\"(--[\w-]+)\"", scripts))
    defined |= set(re.findall(r"@property (--[\w-]+)", text))

    assert set(re.findall(r"var\((--[\w-]+)", text)) - defined == set()


def test_sheets_use_no_important_and_have_at_most_150_lines():
    assert [path_from_root(path) for path in SHEETS if re.search(r"!important\s*;", path.read_text())] == []
    assert {path_from_root(path): n for path in SHEETS if (n := len(path.read_text().splitlines())) > 150} == {}


def test_every_sheet_is_imported_once_or_linked():
    imported = re.findall(r'@import url\("([^"]+)"\)', MAIN_SHEET.read_text())
    pages = "".join(path.read_text() for path in TEMPLATES)
    imported += set(re.findall(r"{% static 'css/([^']+)' %}", pages)) - {MAIN_SHEET.name}
    existing = [str(path.relative_to(MAIN_SHEET.parent)) for path in SHEETS if path != MAIN_SHEET]

    assert sorted(imported) == sorted(existing)


def test_only_sheets_beside_the_main_one_refer_to_files():
    nested = [path for path in SHEETS if path.parent != MAIN_SHEET.parent]

    assert [path_from_root(path) for path in nested if re.search(r'url\((?!"data:)', path.read_text())] == []


def test_every_script_is_loaded():
    text = "".join(path.read_text() for path in SCRIPTS + TEMPLATES)

    assert [path.name for path in SCRIPTS if f"./{path.name}" not in text and f"js/{path.name}" not in text] == []
