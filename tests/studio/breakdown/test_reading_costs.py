"""Every reader of users' text takes time in proportion to its length."""

import json
import sys
from contextlib import suppress

import pytest
from django import forms

from generation.prompts.forms import parse_export
from studio.breakdown.parser import parse_text
from studio.breakdown.text import break_down
from studio.parsing.drafts import Unreadable

MOST = 2.4  # times as many steps for twice the text
HALF = 2_000  # characters; short enough that limits of scenes and names are met by both lengths
UNITS = {
    "Chinese": "小美走进教室，轻轻地关上门。窗外下着雨。小明说：“今天真冷。”她在窗边坐下。",
    "Chinese paragraphs": "小美走进教室，轻轻地关上门。\n\n小明说：“今天真冷。”\n\n",
    "Chinese without an end": "小美走进教室轻轻地关上门",
    "Chinese quotations": "小美说：“你好。”\n",
    "Chinese mentions": "@小美走进来。",
    "Chinese animals": "一只猫和一个女孩在月球上",
    "Japanese": "ミカは教室に入った。「寒いね。」とミカは言った。",
    "English": "Mika walks into the classroom and closes the door. “It is cold today,” said Tom. Rain falls. ",
    "English names": "Mika Ren of the Harbour walks. ",
    "English quotations": '"Go" ',
    "open quotations": "“a",
    "script": "INT. ROOM - NIGHT\n\nMika walks in.\n\nMIKA\n(softly)\nHello there.\n\n",
    "open boneyards": "INT. ROOM\n\n/*小美",
    "Markdown": "## Harbour\n\n- Mika waits.\n- Place: sea\n\n",
    "Markdown rulers": "|--|\n",
    "Markdown comments": "# a\n<!--",
    "CSV": "Mika waits,hi,sea\n",
}
HEADS = {"CSV": "action,line,place\n"}


def fill(name: str, length: int) -> str:
    unit = UNITS[name]
    return (HEADS.get(name, "") + unit * (length // len(unit) + 1))[:length]


def count_steps(read, text) -> int:
    """Return how many calls the reading takes. What happens inside patterns, test_no_hostile_text_takes_long sees."""
    steps = 0

    def count(_frame, event, _called):
        nonlocal steps
        if event in ("call", "c_call"):
            steps += 1

    sys.setprofile(count)
    try:
        with suppress(Unreadable, forms.ValidationError):
            read(text)
    finally:
        sys.setprofile(None)
    return steps


def find_quadratic(read, texts) -> list[str]:
    """Return a line for each text that takes more than MOST times as many steps as its half. ``texts``: by name."""
    found = []
    for name, half, whole in texts:
        few, many = count_steps(read, half), count_steps(read, whole)
        if many > MOST * few:
            found.append(f"{name}: {few} → {many}")
    return found


@pytest.mark.parametrize("read", [parse_text, break_down])
def test_twice_the_text_takes_twice_the_steps(read):
    texts = [(name, fill(name, HALF), fill(name, 2 * HALF)) for name in UNITS]
    for _name, half, _whole in texts:
        count_steps(read, half)  # fills the caches of patterns

    assert find_quadratic(read, texts) == []


def test_twice_the_prompts_take_twice_the_steps():
    row = {"kind": "template", "title": "Sea", "text": "The sea at dusk.", "category": ""}
    half, whole = (json.dumps({"format": "tapwari-prompts", "version": 1, "prompts": [row] * n}) for n in (100, 200))

    assert find_quadratic(lambda text: parse_export(text.encode(), 200), [("prompts", half, whole)]) == []


def test_more_prompts_than_allowed_are_refused_before_they_are_read():
    text = json.dumps({"format": "tapwari-prompts", "version": 1, "prompts": [{}] * 21_000})

    assert count_steps(lambda text: parse_export(text.encode(), 500), text) < 10 * 21_000
    with pytest.raises(forms.ValidationError, match="21000 prompts; at most 500"):
        parse_export(text.encode(), 500)
