"""Who may import whom, so that `pytest` alone tells the truth about the floors."""

import tomllib
from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).parent.parent


def test_no_floor_imports_upwards():
    assert lint_imports() == 0, "see the report above, and docs/adr for why floors matter"


def test_every_app_stands_on_a_floor():
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    apps = {path.parent.name for path in ROOT.glob("*/apps.py")}

    assert apps <= set(contract["root_packages"])
    assert apps - {"common"} <= set(contract["contracts"][1]["containers"])
