"""What people and animals do: understood in three languages, drawn in motion, or said to be not drawn."""

from dataclasses import replace

import numpy as np
import pytest

from generation.animatic.layers import Layer
from generation.animatic.placement import place_subjects
from generation.animatic.understanding import understand
from tests.generation.animatic.stages import find_coverage, make_stage, render_layers

ACTIONS = {
    "run": ("a girl runs", "一个女孩在奔跑", "少女が走る"),
    "eat": ("a boy eats ramen", "男孩在吃面条", "少年がラーメンを食べる"),
    "wave": ("a girl waves to a cat", "女孩向一只猫挥手", "少女が猫に手を振っている"),
    "dance": ("she dances", "她在跳舞", "少女が踊る"),
    "play": ("a boy plays the guitar", "少年弹着吉他", "少年がギターを弾く"),
    "fight": ("two boys fight", "两个男孩打架", "二人の少年が戦う"),
    "hold_hands": ("a girl and a boy hold hands", "女孩和男孩手牵手", "少女と少年が手をつないでいる"),
    "ride": ("a boy rides a bicycle", "男孩骑自行车", "少年が自転車に乗る"),
    "cat eat": ("a cat eats", "小猫在吃东西", "猫が食べている"),
    "dog play": ("a dog plays with a ball", "小狗在玩球", "犬がボールで遊ぶ"),
}


def draw_layers(scene):
    """Return a small stage and the layers of the subjects of a scene."""
    stage = make_stage()
    return stage, [part for part in place_subjects(stage, scene) if isinstance(part, Layer)]


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_is_understood_and_moves_unlike_standing(name):
    action = name.split()[-1]
    scenes = [understand(prompt) for prompt in ACTIONS[name]]
    assert [found.unknown for found in scenes] == [()] * 3
    assert all(found.scene.subjects[0].action == action for found in scenes)

    scene = scenes[0].scene
    idle = replace(scene, subjects=tuple(replace(s, action="stand", tool="") for s in scene.subjects))
    frames = [render_layers(*draw_layers(each), t).astype(int) for each in (scene, idle) for t in (1.0, 1.45)]
    moved, rested, unlike = (
        float(np.mean(np.abs(a - b).max(-1) > 40)) for a, b in (frames[:2], frames[2:], frames[::2])
    )

    assert moved > max(0.002, 1.5 * rested)
    assert unlike > 0.01


@pytest.mark.parametrize(
    ("prompt", "word"),
    [
        ("two cats fight", "fight"), ("a man plays the piano", "plays"), ("她弹钢琴", "弹钢琴"),
        ("三味線を弾く少女", "弾く"), ("a girl holds hands", "holds hands"), ("a bird dances", "dances"),
        ("a girl dances, seen from behind", "seen from behind"), ("a girl rides an elephant", "rides"),
    ],
)  # fmt: skip
def test_an_action_that_nothing_draws_is_said(prompt, word):
    found = understand(prompt)

    assert word in found.unknown
    assert not any(s.action in ("fight", "play", "hold_hands") for s in found.scene.subjects)


@pytest.mark.parametrize("prompt", ["a man and a child hold hands", "a smiling man and a child hold hands"])
def test_hands_of_neighbours_meet(prompt):
    stage, layers = draw_layers(understand(prompt).scene)
    mask = find_coverage(stage, layers, 0.0)
    rows = np.flatnonzero(mask.any(1))
    high = rows[-1] - rows[0]
    columns = np.flatnonzero(mask[rows[0] + high // 3 : rows[-1] - high // 4].any(0))

    assert len(columns) == columns[-1] - columns[0] + 1


def test_opponents_face_each_other_and_one_flash_marks_their_blow():
    _stage, layers = draw_layers(understand("two boys fight").scene)
    (flash,) = [layer for layer in layers if layer.name.endswith("flash")]
    faces = [layer.x for layer in layers if layer.name.endswith(" head")]
    poses = [flash.motion(t) for t in np.arange(0, 3, 0.05)]

    assert {pose.alpha > 0 for pose in poses} == {True, False}
    assert all(faces[0] < flash.x + flash.pivot[0] + pose.dx < faces[1] + 30 for pose in poses if pose.alpha)
