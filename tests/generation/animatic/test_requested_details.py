"""Details of prompts that were once ignored: glasses, umbrellas, fireworks, steam, bicycles, frowns."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from generation.animatic.render import ShotRenderer, render_still
from generation.animatic.scene import Scene, Shot, Subject
from generation.animatic.subjects.umbrella import has_umbrella
from generation.animatic.understanding import understand

from .stages import draw_subject, find_coverage, find_layer, make_stage, render_layers


def make_shot(scene: Scene, seconds: float = 4) -> Shot:
    return Shot(scene, 5, 480, 270, seconds)


def test_glasses_are_drawn_only_when_worn():
    faces = [
        find_layer(draw_subject(Subject("elder", view="front", name="Mika", accessories=accessories))[1], "head").image
        for accessories in (("glasses",), ("no_glasses",))
    ]
    assert 0.01 < (np.abs(faces[0].astype(int) - faces[1]).max(-1) > 20).mean() < 0.2


@pytest.mark.parametrize(
    ("weather", "accessories", "action", "carries"),
    [
        ("rain", (), "", True), ("rain", ("no_umbrella",), "", False), ("rain", (), "run", False),
        ("snow", (), "", False), ("snow", ("umbrella",), "", True), ("clear", ("umbrella",), "", True),
    ],
)  # fmt: skip
def test_umbrellas_open_in_rain_or_on_request(weather, accessories, action, carries):
    subject = Subject("girl", name="Mika", accessories=accessories, action=action)
    assert has_umbrella(make_stage(weather=weather), subject) == carries
    assert any("umbrella" in layer.name for layer in draw_subject(subject, weather=weather)[1]) == carries


def test_fireworks_burst_one_after_another():
    plain, lit = (
        ShotRenderer(make_shot(Scene("hill", "night", camera="still", particles=which)))
        for which in ((), ("fireworks",))
    )
    amounts = []
    for t in np.arange(0, 3.5, 0.25):
        more = lit.frame(t)[..., :3].astype(int) - plain.frame(t)[..., :3]
        amounts.append(float((more[:170].max(-1) > 40).mean()))
        assert np.abs(more[230:]).mean() < 6, "the fireworks light the meadow"

    assert min(amounts) > 0.002, "the sky is dark between two bursts"
    assert max(amounts) > 2 * min(amounts), "nothing bursts"


def test_fireworks_stay_outside_the_window():
    for place in ("room", "classroom"):
        plain, lit = (
            render_still(make_shot(Scene(place, "night", particles=which)), 1.0) for which in ((), ("fireworks",))
        )
        changed = np.abs(plain.astype(int) - lit).max(-1) > 30

        assert 0 < changed.mean() < 0.35


def test_only_a_steam_train_smokes_and_the_smoke_trails():
    _, steam = draw_subject(Subject("train", variant="steam"))
    _, modern = draw_subject(Subject("train"))
    puffs = [layer for layer in steam if layer.name == "smoke"]
    train = find_layer(steam, "train")

    assert len(puffs) > 15 and not any(layer.name == "smoke" for layer in modern)
    for t in (1.0, 2.5):
        direction = 1 if train.motion(1.0).dx > 0 else -1
        nose = train.x + train.motion(t).dx + (train.image.shape[1] if direction > 0 else 0)
        shown = [(p.x + p.motion(t).dx, p.y + p.motion(t).dy) for p in puffs if p.motion(t).alpha > 0.1]
        assert all((nose - x) * direction > 0 for x, _y in shown), "smoke is ahead of the engine"
        assert min(y for _x, y in shown) < train.y


def test_a_rider_moves_with_the_bicycle_and_pedals():
    stage, layers = draw_subject(Subject("girl", view="side", action="ride", name="Mika"))
    names = [layer.name for layer in layers]
    assert any("wheel" in name for name in names) and any("thigh" in name for name in names)

    frame, torso, shin = find_layer(layers, "frame"), find_layer(layers, "torso"), find_layer(layers, "near shin")
    distances = [layer.motion(3.0).dx - layer.motion(1.0).dx for layer in (frame, torso)]
    assert abs(distances[0]) > 0.2 * stage.height and abs(distances[0] - distances[1]) < 3, "rider leaves bicycle"
    turns = [shin.motion(t).turn for t in np.arange(0, 2, 0.1)]
    assert max(turns) - min(turns) > 0.2
    rows = np.flatnonzero(find_coverage(stage, layers, stage.seconds / 2).any(1))
    assert abs(rows[-1] - stage.spots[0].y) < 8, "the wheels are not on the ground"


def test_a_figure_crossing_a_hill_follows_the_ground():
    for action in ("walk", "ride"):
        film = ShotRenderer(
            make_shot(Scene("hill", "day", camera="still", subjects=(Subject("boy", view="side", action=action),)))
        )
        ground, x = film.stage.ground, film.stage.spots[0].x
        name = "torso" if action == "walk" else "frame"
        (layer,) = [
            part.layer for part in film.compositor.parts if hasattr(part, "layer") and part.layer.name.endswith(name)
        ]
        poses = [layer.motion(t) for t in np.linspace(0, 4, 12)]
        rise = np.array([ground(x + pose.dx) - ground(x) for pose in poses])

        assert np.ptp(rise) > 1
        assert np.abs(np.array([pose.dy for pose in poses]) - rise).max() < 5


@pytest.mark.parametrize("kind", ["boy", "girl", "man"])
def test_an_angry_face_frowns(kind):
    """The brows of an angry face fall towards the nose."""
    heights = {}
    for mood in ("angry", "calm"):
        _, layers = draw_subject(Subject(kind, view="front", name="Mika", expression=mood))
        brows = find_layer(layers, "brows")
        shown = brows.image[..., 3] > 120
        left = shown[:, : shown.shape[1] // 2]
        columns = np.flatnonzero(left.any(0))
        rows = [float(np.flatnonzero(left[:, c]).mean()) for c in columns]
        heights[mood] = rows[-len(rows) // 4] - rows[len(rows) // 4]  # inner end minus outer end; larger is lower

    assert heights["angry"] > heights["calm"] + 1


@pytest.mark.parametrize(
    ("words", "is_unknown"),
    [
        ("a boy flying over the city", True), ("birds flying over the city", False),
        ("petals fly over a hill", False), ("a hot air balloon flies over the hills", False),
        ("少年在天空飞翔", True), ("少女が空を飛ぶ", True), ("a girl on a hill", False),
    ],
)  # fmt: skip
def test_flying_people_are_listed_as_not_drawn(words, is_unknown):
    unknown = " ".join(understand(words).unknown)
    assert any(word in unknown for word in ("flying", "fly", "flies", "飞", "飛")) == is_unknown


def test_fog_is_dense_at_the_horizon():
    clear, fog = (
        cv2.cvtColor(render_still(make_shot(Scene("hill", "day", w, camera="still")), 0.5), cv2.COLOR_BGR2GRAY)
        for w in ("clear", "fog")
    )
    stage = ShotRenderer(make_shot(Scene("hill", "day"))).stage
    band = slice(int(stage.horizon) - 20, int(stage.horizon) + 16)
    assert fog[band].std() < 0.6 * clear[band].std()


def test_smoke_and_sparks_differ_from_frame_to_frame():
    stage, layers = draw_subject(Subject("train", variant="steam"))
    frames = [render_layers(stage, layers, t) for t in (0.5, 0.6, 0.7)]
    assert all(np.abs(a.astype(int) - b).mean() > 0.3 for a, b in pairwise(frames))
