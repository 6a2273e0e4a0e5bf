"""One folder per provider, all of the same layout, and none opens a connection of its own."""

import ast

from generation.providers import catalogue, registry
from tests.generation.providers.contract import CONTRACT

NAMED = {
    "comfyui", "fal", "replicate", "runway", "kling", "dashscope", "ark", "minimax", "minimax-v2", "luma", "gemini",
    "vidu", "zhipu", "pixverse", "openai-compatible",
}  # fmt: skip
ALSO = {"luma-dream-machine"}
SHAPE = {"__init__.py", "answers.py", "models.toml", "provider.py"}
LINES = {"requests", "urllib", "urllib3", "http", "httpx", "aiohttp", "socket", "ssl", "websockets"}
NO_LINES = {"urllib.parse"}


def folders():
    return {entry.slug: catalogue.FOLDER / entry.slug.replace("-", "_") for entry in CONTRACT}


def imported(path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def test_every_provider_is_under_the_contract():
    elsewhere = {slug for slug, engine in registry.providers().items() if not engine.is_local}

    assert elsewhere == {entry.slug for entry in CONTRACT} == NAMED | ALSO


def test_every_provider_has_a_folder_of_the_same_layout():
    missing = {slug: SHAPE - {path.name for path in folder.iterdir()} for slug, folder in folders().items()}

    assert not any(missing.values()), missing


def test_no_adapter_opens_a_connection_itself():
    opened = {
        f"{slug}/{path.name}": names
        for slug, folder in folders().items()
        for path in folder.glob("*.py")
        if (names := {item for item in imported(path) - NO_LINES if item.partition(".")[0] in LINES})
    }

    assert opened == {}
