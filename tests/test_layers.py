"""Imports follow the layers of pyproject.toml."""

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_no_layer_imports_upwards():
    lint = Path(sys.executable).with_name("lint-imports")

    completed = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True)

    assert completed.returncode == 0, completed.stdout + completed.stderr


def test_every_app_has_exhaustive_layers():
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    apps = {path.parent.name for path in ROOT.glob("*/apps.py")}
    exhaustive = {name for layers in contract["contracts"] if layers.get("exhaustive") for name in layers["containers"]}

    assert apps <= set(contract["root_packages"])
    assert apps <= exhaustive
