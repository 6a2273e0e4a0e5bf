"""Select the names of the storyboard's things from the annotations of the Unicode CLDR.

Run after changing ``skip`` in ``generation/animatic/storyboard/things.toml``: ``python -m scripts.build_thing_names
NODE_MODULES``, where NODE_MODULES holds the npm packages named in ``generation/animatic/storyboard/README.md``.
"""

import json
import sys
import tomllib
from pathlib import Path

STORYBOARD = Path(__file__).parents[1] / "generation/animatic/storyboard"
LANGUAGES = ("en", "zh", "ja")


def load_annotations(node_modules: Path, language: str) -> dict[str, dict[str, list[str]]]:
    """Return name (``tts``) and keywords (``default``) by character."""
    file = node_modules / f"cldr-annotations-full/annotations/{language}/annotations.json"
    return json.loads(file.read_text("utf-8"))["annotations"]["annotations"]


def list_names(annotation: dict[str, list[str]]) -> list[str]:
    """Return the name and then the keywords that are not words of the name."""
    names = [*annotation.get("tts", []), *annotation.get("default", [])]
    return list(dict.fromkeys(name.lower() for name in names if "|" not in name))


def main(node_modules: Path) -> None:
    table = tomllib.loads((STORYBOARD / "things.toml").read_text("utf-8"))
    found = {name for kind in table.values() if isinstance(kind, dict) for name in kind} - set(table["skip"])
    chars = json.loads((node_modules / "@iconify-json/fluent-emoji-flat/chars.json").read_text("utf-8"))
    sources = {language: load_annotations(node_modules, language) for language in LANGUAGES}
    rows = {}
    for codes, icon in sorted(chars.items(), key=lambda item: item[1]):
        name, sign = icon.replace("-", "_"), "".join(chr(int(code, 16)) for code in codes.split("-") if code != "fe0f")
        if name in found and name not in rows:
            rows[name] = {language: list_names(sources[language].get(sign, {})) for language in LANGUAGES}
    lines = [f"{json.dumps(name)}: {json.dumps(row, ensure_ascii=False)}" for name, row in rows.items()]
    target = STORYBOARD / "thing_names.json"
    target.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    missing = sorted(found - set(rows)) + [name for name, row in rows.items() if not all(row.values())]
    sys.stdout.write(
        f"{target.name}: {len(rows)} things, {target.stat().st_size} bytes, no name: {missing or 'none'}\n"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
