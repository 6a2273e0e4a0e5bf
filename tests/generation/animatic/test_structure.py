"""The package as a whole: its imports, its labels and its contact sheet."""

import ast
import importlib
import re
import sys
from graphlib import TopologicalSorter
from itertools import product
from pathlib import Path
from types import ModuleType

import cv2
import pytest
from django.core.management import call_command

import generation.animatic as animatic
from generation.animatic import scene
from generation.animatic.scene import COLOUR_STYLES, PLACES, SUBJECTS, TIMES, WEATHERS, Subject
from generation.animatic.understanding import SLOTS
from generation.animatic.understanding.chips import SLOT_CHOICES
from generation.animatic.understanding.lexicon import LANGUAGES, build_meaning, load_table
from generation.management.commands import animatic_sheet
from generation.providers.adapters.local.labels import get_label
from generation.providers.adapters.local.provider import AnimaticProvider

from .stages import make_stage

ROOT = Path(animatic.__file__).parent


def list_imports(path: Path) -> set[Path]:
    """Return the modules of the package that a module imports, also under TYPE_CHECKING."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        base = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
        for name in ("", *(alias.name for alias in node.names)):
            module = base / name if name else base
            found |= {file for file in (module.with_suffix(".py"), module / "__init__.py") if file.is_file()}
    return {file for file in found if file != path and file not in (path.parent / "__init__.py",)}


def test_modules_have_no_import_cycles():
    graph = {path: list_imports(path) for path in ROOT.rglob("*.py") if path.name != "__init__.py"}

    assert len(list(TopologicalSorter(graph).static_order())) > 80


def test_chinese_and_japanese_text_is_in_data_files_only():
    """Punctuation and the ends of letter ranges are allowed in code."""
    words = set()
    for path in (ROOT / "understanding").glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        strings = {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        words |= {
            f"{path.name}: {value}"
            for value in strings - _docstrings(tree) - _range_bounds(tree)
            if _has_letters(value)
        }

    assert words == set()


def _docstrings(tree: ast.Module) -> set[str | None]:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    return {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, kinds)}


def _range_bounds(tree: ast.Module) -> set[str]:
    ordered = [n for n in ast.walk(tree) if isinstance(n, ast.Compare) and isinstance(n.ops[0], ast.LtE)]
    return {value.value for n in ordered for value in (n.left, *n.comparators) if isinstance(value, ast.Constant)}


def _has_letters(text: str) -> bool:
    return any(letter.isalpha() and letter > "\u2e80" for letter in text)


SITE_MODULES = re.compile(
    r"(django|jobs|accounts|studio|gallery|config|generation\.(models|forms|services|views|providers))\b"
)


def list_full_imports(path: Path) -> set[str]:
    """Return every module that a file imports by its full name, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_drawing_modules_import_nothing_of_the_site():
    for path in ROOT.rglob("*.py"):
        wrong = {name for name in list_full_imports(path) if SITE_MODULES.match(name)}
        assert not wrong, f"{path.relative_to(ROOT)} imports {', '.join(sorted(wrong))}"


@pytest.mark.parametrize(
    ("package", "names", "function"), [("places", "PLACES", "compose"), ("subjects", "SUBJECTS", "build_fox")]
)
def test_a_new_place_or_subject_takes_one_file_and_one_line(package, names, function, monkeypatch):
    """As CONTRIBUTING.md says: a module in its folder, and its name in scene.py."""
    folder = importlib.import_module(f"{animatic.__name__}.{package}")
    file = ModuleType(f"{folder.__name__}.fox")
    setattr(file, function, lambda *about: ["drawn"])
    monkeypatch.setitem(sys.modules, file.__name__, file)
    monkeypatch.setattr(scene, names, (*getattr(scene, names), "fox"))
    stage = make_stage()

    try:
        new = importlib.reload(folder)
        layers = (
            new.build_place("fox", stage) if package == "places" else new.build_subject(stage, Subject("fox"), None)
        )
    finally:
        monkeypatch.undo()
        importlib.reload(folder)

    assert layers == ["drawn"]


def test_every_understood_value_has_a_label():
    understood = {
        (slot, value)
        for language in LANGUAGES
        for words in (load_table(language), load_table(language)["hint"])
        for slot, values in words.items()
        if slot in SLOTS and slot not in ("count", "hair")
        for value in values
        if build_meaning(slot, value).slot == slot
    }
    offered = {(slot, value) for slot, values in SLOT_CHOICES.items() if slot != "count" for value in values}
    colours = {("colour", f"{part} {name}") for part, names in load_table("colours").items() for name in names}
    unlabelled = sorted(
        f"{slot} {value}" for slot, value in understood | offered | colours if get_label(slot, value) == value
    )

    assert not unlabelled, (
        "chips would show their bare keys: name them in generation/providers/adapters/local/labels.py "
        f"(places, times, weathers and cameras in options.py): {', '.join(unlabelled)}"
    )


def test_the_contact_sheet_shows_everything():
    cells = animatic_sheet.build_parts()
    scenes = {part: [cell.scene for cell in cells[part]] for part in cells}

    assert {(s.place, s.time) for s in scenes["light"]} == set(product(PLACES, TIMES))
    assert {(s.place, s.weather) for s in scenes["weather"]} == set(product(PLACES, WEATHERS[1:]))
    assert {subject.kind for s in scenes["subjects"] for subject in s.subjects} == set(SUBJECTS)
    assert (
        {s.style for s in scenes["styles"]}
        == set(COLOUR_STYLES)
        == {c.scene.style for c in cells["styles"] if c.of_picture}
    )
    assert len({s.place for s in scenes["styles"] if s.subjects}) >= 3
    (engine,) = AnimaticProvider().capabilities()
    assert set(animatic_sheet.RATIOS) == set(engine.ratios)
    for place in PLACES:
        assert len({cell.turn for cell in cells["seeds"] if cell.scene.place == place}) >= 4


@pytest.mark.deep
def test_one_command_draws_the_contact_sheet(tmp_path):
    call_command("animatic_sheet", tmp_path / "sheet.png", part=["styles"], width=64, columns=6, verbosity=0)
    sheet = cv2.imread(str(tmp_path / "sheet.png"))

    assert sheet.shape == (8 * (36 + 18), 6 * 64, 3)
    assert sheet.std() > 25
