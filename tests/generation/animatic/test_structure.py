"""The package as a whole: no circles among its modules, and the sheet that shows everything."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import cv2
from django.core.management import call_command

import generation.providers.animatic as animatic

ROOT = Path(animatic.__file__).parent


def imported(path: Path) -> set[Path]:
    """The modules of the package that a module names, under TYPE_CHECKING too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        base = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
        for name in ("", *(alias.name for alias in node.names)):
            module = base / name if name else base
            found |= {file for file in (module.with_suffix(".py"), module / "__init__.py") if file.is_file()}
    return {file for file in found if file != path and file not in (path.parent / "__init__.py",)}


def test_no_module_imports_one_that_imports_it():
    graph = {path: imported(path) for path in ROOT.rglob("*.py") if path.name != "__init__.py"}

    assert len(list(TopologicalSorter(graph).static_order())) > 80


def test_one_command_draws_the_contact_sheet(tmp_path):
    call_command("animatic_sheet", tmp_path / "sheet.png", part=["styles"], width=64, columns=6, verbosity=0)
    sheet = cv2.imread(str(tmp_path / "sheet.png"))

    assert sheet.shape == (3 * (36 + 18), 6 * 64, 3)
    assert sheet.std() > 25
