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
from tests.generation.animatic.stages import stage_of

SIZE = (240, 320)
POST = (40, 210, 60)  # a green post on the wall, which nobody wears


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    """Write a portrait before a wall with a post. Returns its path."""
    bgr = photos.wall(480, 640)
    cv2.rectangle(bgr, (70, 0), (84, 640), POST, -1)
    photos.put_person(bgr, 270, 100, 190)
    return photos.saved(photos.grained(bgr), tmp_path_factory.mktemp("post") / "post.png")


def shot_of(path, camera="still", paint=False, **scene) -> Shot:
    return Shot(Scene(camera=camera, **scene), 3, *SIZE, 4.0, picture=path, paint=paint)


def column(frame: np.ndarray, colour: tuple[int, int, int], within: float = 45) -> float:
    """Return the mean distance of a colour from the left edge (pixels)."""
    there = np.abs(frame[..., :3].astype(int) - colour).max(-1) < within
    assert there.sum() > 60, "that colour is not in the frame"
    return float(np.flatnonzero(there.any(1)).size and np.nonzero(there)[1].mean())


@pytest.mark.parametrize(("camera", "way"), [("pan_right", -1), ("pan_left", 1)])
def test_a_pan_moves_the_subject_faster_than_its_background(picture, camera, way):
    film = ShotRenderer(shot_of(picture, camera))
    first, last = film.frame(0.0).copy(), film.frame(4.0).copy()
    ground, subject = (way * (column(last, c) - column(first, c)) for c in (POST, photos.HAIR))

    assert ground > 8
    assert subject > ground + 2, "the picture moves as one flat sheet"


def test_the_subject_of_a_picture_sways_and_breathes(picture):
    _, parts = build_picture_parts(shot_of(picture))
    subject = next(part for part in parts if part.name == "subject")
    poses = [subject.motion(t) for t in np.linspace(0, 4, 33)]
    leans = [pose.shear for pose in poses]

    assert min(leans) < -0.002 and max(leans) > 0.002, "it leans to one side and to the other"
    assert np.ptp([pose.scale for pose in poses]) > 0.003
    film = ShotRenderer(shot_of(picture))
    early, late = film.frame(1.1).copy(), film.frame(3.5).copy()
    assert abs(column(late, photos.HAIR) - column(early, photos.HAIR)) > abs(column(late, POST) - column(early, POST))


@pytest.mark.parametrize("grey", [40, 200])
def test_light_rays_only_brighten_and_come_from_the_upper_left(grey):
    bgr = np.full((270, 480, 3), grey, np.uint8)
    light = add_light_rays(bgr, stage_of(), 0.2).astype(int) - bgr

    assert light.min() >= 0
    upper_left, lower_right = light[:135, :240].mean(), light[135:, 240:].mean()
    assert upper_left > 1, "nobody sees that light"
    assert upper_left > 4 * lower_right
    assert light.max() < 120, "that is a lamp, no light in a picture"


def cut_out() -> tuple[np.ndarray, np.ndarray]:
    """Return a red disc on a wall and its exact mask."""
    bgr = photos.wall(320, 240)
    cv2.circle(bgr, (160, 130), 60, (40, 40, 220), -1, cv2.LINE_AA)
    mask = np.zeros((240, 320), np.float32)
    cv2.circle(mask, (160, 130), 60, 1.0, -1, cv2.LINE_AA)
    return bgr, mask


def test_the_background_behind_a_subject_has_none_of_its_colour():
    bgr, mask = cut_out()
    ground = inpaint_background(bgr, mask)

    wall = photos.wall(320, 240).astype(int)
    assert np.abs(ground.astype(int) - wall)[mask > 0.02].max() < 24, "the disc shines through where it was"
    far = cv2.dilate(mask, np.ones((25, 25), np.uint8)) < 0.01
    assert np.array_equal(ground[far], bgr[far]), "outside it nothing changes"


def test_refining_a_mask_moves_it_to_the_true_edge():
    bgr, true = cut_out()
    moved = cv2.warpAffine(true, np.array([[1, 0, 2.0], [0, 1, -1.0]]), true.shape[::-1])
    rough = cv2.GaussianBlur(moved, (0, 0), 3)

    def middle(mask):
        return np.array([each.mean() for each in np.nonzero(mask > 0.5)])

    found = refine_mask(bgr, rough)
    assert np.abs(found - true).mean() < 0.5 * np.abs(rough - true).mean(), "the edge stays as blurred as it was"
    off, left = (np.hypot(*(middle(mask) - middle(true))) for mask in (rough, found))
    assert left < 0.5 * off, "the edge stays where it was"


@pytest.mark.parametrize(
    "over",
    [{"weather": weather} for weather in ("rain", "snow", "fog", "storm")]
    + [{"particles": (name,)} for name in ("sakura", "fireflies", "snow", "bubbles")],
    ids=lambda over: str(*over.values()),
)
def test_weather_and_particles_over_a_picture_are_visible_and_move(picture, monkeypatch, over):
    def frames():
        film = ShotRenderer(shot_of(picture, **over))
        return [film.frame(t)[..., :3].astype(int) for t in (1.0, 2.2)]

    early, late = frames()
    monkeypatch.setattr(render, "build_weather", lambda stage: [])
    bare_early, bare_late = frames()

    assert np.abs(early - bare_early).mean() > 0.06, "nothing of it is seen"
    moved = np.abs((late - bare_late) - (early - bare_early)).mean()
    assert moved > 0.05, "it hangs in the air"


def test_painting_removes_the_grain_of_a_photo(picture):
    def texture(paint):
        frame = ShotRenderer(replace(shot_of(picture), paint=paint)).frame(0.0)[..., :3]
        wall = cv2.cvtColor(frame[20:120, 60:100], cv2.COLOR_BGR2GRAY)
        return float(np.abs(cv2.Laplacian(wall, cv2.CV_32F)).mean())

    assert texture(True) < 0.75 * texture(False)
