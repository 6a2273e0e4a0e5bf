"""One folder per provider, all with the same layout, and no adapter opens a network connection itself."""

import ast

from generation.providers import catalogue, registry
from tests.generation.providers.contract import CONTRACT

REQUIRED = {
    "comfyui", "fal", "replicate", "runway", "kling", "dashscope", "ark", "minimax", "minimax-v2", "luma", "gemini",
    "vidu", "zhipu", "pixverse", "openai-compatible",
}  # fmt: skip
LAYOUT = {"__init__.py", "responses.py", "models.toml", "provider.py"}
NETWORK_MODULES = {"requests", "urllib", "urllib3", "http", "httpx", "aiohttp", "socket", "ssl", "websockets"}
ALLOWED_MODULES = {"urllib.parse"}


def list_folders():
    return {entry.slug: catalogue.FOLDER / entry.slug.replace("-", "_") for entry in CONTRACT}


def list_imports(path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def test_every_provider_is_under_the_contract():
    remote = {slug for slug, engine in registry.providers().items() if not engine.is_local}

    assert remote == {entry.slug for entry in CONTRACT} >= REQUIRED


def test_every_provider_has_a_folder_of_the_same_layout():
    missing = {slug: LAYOUT - {path.name for path in folder.iterdir()} for slug, folder in list_folders().items()}

    assert not any(missing.values()), missing


def test_no_adapter_opens_a_connection_itself():
    violations = {
        f"{slug}/{path.name}": names
        for slug, folder in list_folders().items()
        for path in folder.glob("*.py")
        if (
            names := {
                module for module in list_imports(path) - ALLOWED_MODULES if module.partition(".")[0] in NETWORK_MODULES
            }
        )
    }

    assert violations == {}
