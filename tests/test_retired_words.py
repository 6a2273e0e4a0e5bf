"""Retired names are not used again (docs/glossary.md lists their replacements)."""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
APPS = ["common", "accounts", "jobs", "generation", "studio", "gallery", "config", "scripts"]
RETIRED = frozenset(
    [
        "absorb",
        "absorbed",
        "absorbs",
        "adoption",
        "afford",
        "anew",
        "ask_anew",
        "asking",
        "beginnings",
        "behind_the_door",
        "body_door",
        "borrowed",
        "borrowed_words",
        "came_in",
        "cares",
        "checking",
        "chore",
        "chores",
        "clean_words",
        "connecting",
        "courier",
        "deed",
        "deeds",
        "developing",
        "doubt",
        "doubts",
        "each",
        "errand",
        "film_ready",
        "film_sketches",
        "find_out",
        "finding",
        "folk",
        "foreign_json",
        "foresee",
        "go_to",
        "gone_is_not_found",
        "got_on",
        "heard",
        "histories",
        "history_words",
        "housekeeping",
        "in_words",
        "joining",
        "kinds_people",
        "lasting",
        "lay",
        "left_words",
        "machines",
        "merging",
        "notenough",
        "one_asks",
        "only_grows",
        "outdone",
        "personal_data",
        "portraits",
        "processes",
        "proof",
        "quietly",
        "reseal",
        "rival",
        "rivals",
        "said",
        "slowness",
        "spool",
        "stillness",
        "strangers",
        "take_time",
        "there",
        "thereby",
        "told",
        "triable",
        "tried_before",
        "trip",
        "trips",
        "troubles",
        "twin",
        "twins",
        "unseal",
        "wallet_of",
        "way_back",
        "what",
        "whoever",
        "wish",
        "wishes",
        "workspaces_to_see",
    ]
)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def defined_names(tree):
    """Yield the line and name of each class, function, argument and assigned variable or attribute."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.ClassDef, *FUNCTIONS)):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr


def product_names():
    for path in sorted(path for app in APPS for path in (ROOT / app).rglob("*.py")):
        if "migrations" not in path.parts:
            file = path.relative_to(ROOT)
            yield from ((f"{file}", name) for name in (file.stem, file.parent.name))
            yield from ((f"{file}:{line}", name) for line, name in defined_names(ast.parse(path.read_text())))


def test_product_code_defines_no_retired_name():
    found = {f"{place} {name}" for place, name in product_names() if name.lower().lstrip("_") in RETIRED}

    assert sorted(found) == []
