"""Animation of a picture: depth, sway, light, weather, paint and clean cut-outs."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from generation.animatic import render
from generation.animatic.picture import build_picture_parts
from generation.animatic.picture.cutout import inpaint_background
from generation.animatic.picture.light_effects import add_light_rays
from generation.animatic.picture.mask import refine_mask
from generation.animatic.render import ShotRenderer
from generation.animatic.scene import Scene, Shot
from tests.generation.animatic import photos
from tests.generation.animatic.stages import make_stage

SIZE = (240, 320)
POST = (40, 210, 60)  # a green post on the wall, a colour of nobody's clothes


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    """Write a portrait before a wall with a post. Returns its path."""
    bgr = photos.draw_wall(480, 640)
    cv2.rectangle(bgr, (70, 0), (84, 640), POST, -1)
    photos.draw_person(bgr, 270, 100, 190)
    return photos.save_picture(photos.add_grain(bgr), tmp_path_factory.mktemp("post") / "post.png")


def make_shot(path, camera="still", paint=False, **scene) -> Shot:
    return Shot(Scene(camera=camera, **scene), 3, *SIZE, 4.0, picture=path, paint=paint)


def find_column(frame: np.ndarray, colour: tuple[int, int, int], within: float = 45) -> float:
    """Return the mean distance of a colour from the left edge (pixels)."""
    matches = np.abs(frame[..., :3].astype(int) - colour).max(-1) < within
    assert matches.sum() > 60, "the colour is not in the frame"
    return float(np.nonzero(matches)[1].mean())


@pytest.mark.parametrize(("camera", "direction"), [("pan_right", -1), ("pan_left", 1)])
def test_a_pan_moves_the_subject_faster_than_its_background(picture, camera, direction):
    film = ShotRenderer(make_shot(picture, camera))
    first, last = film.frame(0.0).copy(), film.frame(4.0).copy()
    ground, subject = (direction * (find_column(last, c) - find_column(first, c)) for c in (POST, photos.HAIR))

    assert ground > 8
    assert subject > ground + 2, "the picture moves as one flat sheet"


def test_the_subject_of_a_picture_sways_and_breathes(picture):
    _, parts = build_picture_parts(make_shot(picture))
    subject = next(part for part in parts if part.name == "subject")
    poses = [subject.motion(t) for t in np.linspace(0, 4, 33)]
    leans = [pose.shear for pose in poses]

    assert min(leans) < -0.002 and max(leans) > 0.002, "the subject does not lean to both sides"
    assert np.ptp([pose.scale for pose in poses]) > 0.003
    film = ShotRenderer(make_shot(picture))
    early, late = film.frame(1.1).copy(), film.frame(3.5).copy()
    assert abs(find_column(late, photos.HAIR) - find_column(early, photos.HAIR)) > abs(
        find_column(late, POST) - find_column(early, POST)
    )


@pytest.mark.parametrize("grey", [40, 200])
def test_light_rays_only_brighten_and_come_from_the_upper_left(grey):
    bgr = np.full((270, 480, 3), grey, np.uint8)
    light = add_light_rays(bgr, make_stage(), 0.2).astype(int) - bgr

    assert light.min() >= 0
    upper_left, lower_right = light[:135, :240].mean(), light[135:, 240:].mean()
    assert upper_left > 1, "the light is invisible"
    assert upper_left > 4 * lower_right
    assert light.max() < 120, "the light is too bright for a picture"


def make_cutout() -> tuple[np.ndarray, np.ndarray]:
    """Return a red disc on a wall and its exact mask."""
    bgr = photos.draw_wall(320, 240)
    cv2.circle(bgr, (160, 130), 60, (40, 40, 220), -1, cv2.LINE_AA)
    mask = np.zeros((240, 320), np.float32)
    cv2.circle(mask, (160, 130), 60, 1.0, -1, cv2.LINE_AA)
    return bgr, mask


def test_the_background_behind_a_subject_has_none_of_its_colour():
    bgr, mask = make_cutout()
    ground = inpaint_background(bgr, mask)

    wall = photos.draw_wall(320, 240).astype(int)
    assert np.abs(ground.astype(int) - wall)[mask > 0.02].max() < 24, "the disc shines through"
    far = cv2.dilate(mask, np.ones((25, 25), np.uint8)) < 0.01
    assert np.array_equal(ground[far], bgr[far]), "the background outside the disc changes"


def test_refining_a_mask_moves_it_to_the_true_edge():
    bgr, true = make_cutout()
    moved = cv2.warpAffine(true, np.array([[1, 0, 2.0], [0, 1, -1.0]]), true.shape[::-1])
    rough = cv2.GaussianBlur(moved, (0, 0), 3)

    def find_middle(mask):
        return np.array([indexes.mean() for indexes in np.nonzero(mask > 0.5)])

    found = refine_mask(bgr, rough)
    assert np.abs(found - true).mean() < 0.5 * np.abs(rough - true).mean(), "the edge stays as blurred as it was"
    before, after = (np.hypot(*(find_middle(mask) - find_middle(true))) for mask in (rough, found))
    assert after < 0.5 * before, "the edge does not move"


@pytest.mark.parametrize(
    "options",
    [{"weather": weather} for weather in ("rain", "snow", "fog", "storm")]
    + [{"particles": (name,)} for name in ("sakura", "fireflies", "snow", "bubbles")],
    ids=lambda options: str(*options.values()),
)
def test_weather_and_particles_over_a_picture_are_visible_and_move(picture, monkeypatch, options):
    def render_frames():
        film = ShotRenderer(make_shot(picture, **options))
        return [film.frame(t)[..., :3].astype(int) for t in (1.0, 2.2)]

    early, late = render_frames()
    monkeypatch.setattr(render, "build_weather", lambda stage: [])
    bare_early, bare_late = render_frames()

    assert np.abs(early - bare_early).mean() > 0.06, "the weather is invisible"
    moved = np.abs((late - bare_late) - (early - bare_early)).mean()
    assert moved > 0.05, "the weather does not move"


def test_painting_removes_the_grain_of_a_photo(picture):
    def measure_texture(paint):
        frame = ShotRenderer(replace(make_shot(picture), paint=paint)).frame(0.0)[..., :3]
        wall = cv2.cvtColor(frame[20:120, 60:100], cv2.COLOR_BGR2GRAY)
        return float(np.abs(cv2.Laplacian(wall, cv2.CV_32F)).mean())

    assert measure_texture(True) < 0.75 * measure_texture(False)
