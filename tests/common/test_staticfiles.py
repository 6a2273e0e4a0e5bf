"""What collectstatic makes of our sheets and modules."""

import json
import re
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from common.staticfiles import FoldedStatic

STATIC = Path(__file__).parents[2] / "static"


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """Our static folder after collectstatic, and its manifest."""
    root = tmp_path_factory.mktemp("static")
    storage = FoldedStatic(location=root, base_url="/static/")
    source = FileSystemStorage(location=STATIC)
    paths = {str(path.relative_to(STATIC)): path for path in STATIC.rglob("*") if path.is_file()}
    for name, path in paths.items():
        storage.save(name, ContentFile(path.read_bytes()))
    done = storage.post_process({name: (source, name) for name in paths})
    problems = [result for _, _, result in done if isinstance(result, Exception)]
    assert problems == []
    return root, json.loads((root / "staticfiles.json").read_text())["paths"]


def test_the_page_loads_one_style_sheet(collected):
    root, names = collected
    sheet = (root / names["css/main.css"]).read_text()

    assert "@import" not in sheet
    assert "@layer components {" in sheet
    assert ".btn {" in sheet


def test_fonts_are_named_by_their_content(collected):
    root, names = collected
    fonts = re.findall(r'url\("\.\./fonts/([^"]+)"\)', (root / names["css/main.css"]).read_text())

    hashed = [new for old, new in names.items() if old.endswith(".woff2")]

    assert sorted(f"fonts/{font}" for font in fonts) == sorted(hashed)


def test_modules_name_each_other_by_their_content(collected):
    root, names = collected
    imports = re.findall(r'import\s*"\./([^"]+)"', (root / names["js/main.js"]).read_text())

    assert f"js/{imports[0]}" in names.values()
    assert "toast.js" not in imports
