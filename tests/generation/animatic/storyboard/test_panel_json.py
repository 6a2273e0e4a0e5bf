"""A panel as JSON: written and read back as it is; anything else is refused with the name of what is wrong."""

import json
from pathlib import Path

import pytest

from generation.animatic.panels import build_panel
from generation.animatic.storyboard.panel import MAX_FIGURES, MAX_NOTE, MAX_THINGS, Figure, Panel, Thing
from generation.animatic.storyboard.panel_json import PanelRefused, read_panel, write_panel

PROMPTS = (Path(__file__).parents[1] / "prompts.txt").read_text("utf-8").splitlines()
WITCH = {"role": "witch", "pose": "hold", "at": [0.3, 0.9], "height": 0.5}


def test_panels_are_read_as_they_were_written():
    panels = [build_panel(prompt, seed=3) for prompt in PROMPTS]
    changed = [panel for panel in panels if read_panel(json.loads(json.dumps(write_panel(panel)))) != panel]

    assert len(panels) > 100
    assert changed == []


def test_fields_that_are_left_out_have_their_default():
    panel = read_panel({"version": 1, "figures": [WITCH], "things": [{"name": "umbrella"}]}, cut="7")

    assert panel == Panel(
        cut="7", figures=(Figure("witch", "hold", (0.3, 0.9), height=0.5),), things=(Thing("umbrella"),)
    )
    assert write_panel(Panel()) == {"version": 1}


def test_texts_become_one_line_without_control_characters():
    panel = read_panel({"version": 1, "note": " She\x00 waits.\n\ud800He comes. "})

    assert panel.note == "She waits. He comes."


@pytest.mark.parametrize(
    ("change", "code", "what"),
    [
        ({"version": 2}, "staging_version", None),
        ({"strokes": [[0, 0]] * 1000}, "staging_unknown", "staging.strokes"),
        ({"cut": "4"}, "staging_unknown", "staging.cut"),
        ({"figures": [WITCH | {"hat": "tall"}]}, "staging_unknown", "staging.figures[1].hat"),
        ({"figures": [WITCH, {"pose": "sit"}]}, "staging_invalid", "staging.figures[2].role"),
        ({"figures": [WITCH | {"role": "Napoleon"}]}, "staging_invalid", "staging.figures[1].role"),
        ({"figures": [WITCH | {"role": ["witch"]}]}, "staging_invalid", "staging.figures[1].role"),
        ({"figures": [WITCH | {"at": [0.5, float("nan")]}]}, "staging_invalid", "staging.figures[1].at"),
        ({"figures": [WITCH | {"at": [float("inf"), 0.5]}]}, "staging_invalid", "staging.figures[1].at"),
        ({"figures": [WITCH | {"at": [0.5, 0.5, 0.5]}]}, "staging_invalid", "staging.figures[1].at"),
        ({"figures": [WITCH | {"height": 10**400}]}, "staging_invalid", "staging.figures[1].height"),
        ({"figures": [WITCH | {"height": True}]}, "staging_invalid", "staging.figures[1].height"),
        ({"figures": [WITCH | {"marks": -1}]}, "staging_invalid", "staging.figures[1].marks"),
        ({"figures": [WITCH | {"is_near": 1}]}, "staging_invalid", "staging.figures[1].is_near"),
        ({"figures": {"role": "witch"}}, "staging_invalid", "staging.figures"),
        ({"figures": [WITCH] * 40}, "staging_figures", None),
        ({"things": [{"name": "umbrella"}] * 300}, "staging_things", None),
        ({"things": [{"name": "x" * 61}]}, "staging_name_too_long", "staging.things[1].name"),
        ({"things": ["umbrella"]}, "staging_invalid", "staging.things[1]"),
        ({"camera": "zoom"}, "staging_invalid", "staging.camera"),
        ({"note": "x" * (MAX_NOTE + 1)}, "staging_note", "staging.note"),
        ({"note": None}, "staging_invalid", "staging.note"),
    ],
)
def test_what_is_no_panel_is_refused_by_name(change, code, what):
    with pytest.raises(PanelRefused) as refusal:
        read_panel({"version": 1, **change})

    assert refusal.value.code == code
    assert refusal.value.values.get("what") == what


@pytest.mark.parametrize("value", [None, [], "panel", 4, {}])
def test_other_json_is_refused(value):
    with pytest.raises(PanelRefused):
        read_panel(value)


def test_a_panel_may_be_full():
    full = {"version": 1, "figures": [WITCH] * MAX_FIGURES, "things": [{"name": "umbrella"}] * MAX_THINGS}

    assert len(read_panel(full).figures) == MAX_FIGURES
    assert len(read_panel(full).things) == MAX_THINGS
