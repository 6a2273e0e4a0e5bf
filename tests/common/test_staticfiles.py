"""Our style sheets and modules after collectstatic."""

import gzip
import json
import re
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from common.web.staticfiles import BundledStaticFiles

STATIC = Path(__file__).parents[2] / "static"


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """Our static folder after collectstatic, and its manifest."""
    root = tmp_path_factory.mktemp("static")
    storage = BundledStaticFiles(location=root, base_url="/static/")
    source = FileSystemStorage(location=STATIC)
    paths = {str(path.relative_to(STATIC)): path for path in STATIC.rglob("*") if path.is_file()}
    for name, path in paths.items():
        storage.save(name, ContentFile(path.read_bytes()))
    done = storage.post_process({name: (source, name) for name in paths})
    problems = [result for _, _, result in done if isinstance(result, Exception)]
    assert problems == []
    return root, json.loads((root / "staticfiles.json").read_text())["paths"]


def test_page_loads_one_style_sheet(collected):
    root, names = collected
    sheet = (root / names["css/main.css"]).read_text()

    assert "@import" not in sheet
    assert "@layer components {" in sheet
    assert ".button {" in sheet


def test_sheets_and_scripts_are_compressed_with_brotli_and_gzip(collected):
    root, names = collected
    for name in ("css/main.css", "js/main.js"):
        sizes = [(root / f"{names[name]}{ending}").stat().st_size for ending in (".br", ".gz", "")]
        assert sizes == sorted(sizes)


def test_fonts_have_content_hashes(collected):
    root, names = collected
    fonts = re.findall(r'url\("\.\./fonts/([^"]+)"\)', (root / names["css/main.css"]).read_text())

    hashed = [new for old, new in names.items() if old.endswith(".woff2")]

    assert sorted(f"fonts/{font}" for font in fonts) == sorted(hashed)


def test_modules_import_each_other_by_content_hash(collected):
    root, names = collected
    imports = re.findall(r'import\s*"\./([^"]+)"', (root / names["js/main.js"]).read_text())

    assert f"js/{imports[0]}" in names.values()
    assert "toast.js" not in imports


@pytest.mark.parametrize(
    ("page_scripts", "max_bytes"), [(("sortable-1.15.7.min.js",), 62_200), ((), 47_200)], ids=["board", "others"]
)
def test_page_scripts_stay_within_their_budget(collected, page_scripts, max_bytes):
    """Each file is compressed by itself, as it is sent."""
    root, names = collected
    modules = [root / "js" / name for name in find_imports(root, names["js/main.js"].removeprefix("js/"), set())]
    vendor = [root / names[f"vendor/{name}"] for name in ("htmx-4.0.1.min.js", "hx-ws-4.0.1.min.js", *page_scripts)]

    assert len(modules) > 30
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in [*modules, *vendor]) <= max_bytes


def find_imports(root, name, known):
    """Return the module and all modules that it imports statically."""
    known.add(name)
    for other in re.findall(r'(?:import|from)\s*"\./([^"]+)"', (root / "js" / name).read_text()):
        if other not in known:
            find_imports(root, other, known)
    return known


def test_style_sheet_stays_within_its_budget(collected):
    root, names = collected

    assert len(gzip.compress((root / names["css/main.css"]).read_bytes(), 9)) <= 25_000
