"""A clip from a picture: whole frames from any picture, heads stay inside, drawings are not painted over."""

import hashlib
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from generation.animatic import models as animatic_models
from generation.animatic.camera import camera_view
from generation.animatic.compositor import Compositor
from generation.animatic.picture import PictureUnreadable, build_picture_parts, mask, painting
from generation.animatic.picture.framing import choose_framing, find_bounds
from generation.animatic.picture.loading import load_picture
from generation.animatic.picture.painting import is_drawing, paint_photo
from generation.animatic.scene import CAMERAS, Scene, Shot
from tests.generation.animatic import photos
from tests.matrix import deep_except

RATIOS = ((320, 180), (180, 320), (240, 240), (320, 240), (240, 320), (336, 144))
KINDS = (
    "tiny",
    "panorama",
    "white",
    "black",
    "drawing",
    "landscape",
    "holes",
    "cmyk",
    "grey",
    "deep",
    "palette",
    "phone",
    "group",
    "portrait",
)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return photos.write_unusual_files(tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="module")
def portrait(tmp_path_factory):
    return photos.save_picture(photos.draw_portrait(), tmp_path_factory.mktemp("portrait") / "portrait.png")


def make_shot(path, size=(320, 180), camera="push", paint=False, **scene) -> Shot:
    return Shot(Scene(camera=camera, **scene), 3, *size, 4.0, picture=path, paint=paint)


def open_film(shot: Shot):
    """Return the parts of a shot and a function that draws any moment of it (BGR)."""
    stage, parts = build_picture_parts(shot)
    compositor = Compositor(stage, parts, lambda t: camera_view(shot.scene.camera, stage, t))
    return parts, lambda t: compositor.frame(t)[..., :3].copy()


@pytest.mark.parametrize("kind", KINDS)
def test_any_picture_gives_whole_frames_that_show_it_and_move(files, kind):
    assert_shown_and_moving(files, kind, paint=False)


@pytest.mark.parametrize("kind", deep_except(KINDS, "tiny", "holes"))
def test_any_painted_picture_gives_whole_frames_that_show_it_and_move(files, kind):
    assert_shown_and_moving(files, kind, paint=True)


def assert_shown_and_moving(files, kind: str, *, paint: bool) -> None:
    _, frame = open_film(make_shot(files[kind], paint=paint))
    frames = [frame(t) for t in (0.0, 3.9)]
    for drawn in frames:
        assert drawn.shape == (180, 320, 3)
        if kind != "black":
            assert (drawn.max(-1) > 0).mean() > 0.97  # no black border, no hole
        if kind not in ("black", "white"):
            assert drawn.std() > 8, "the picture does not show"
    assert kind == "white" or all(np.abs(a.astype(int) - b).mean() > 0.02 for a, b in pairwise(frames)), (
        "the picture does not move"
    )


@pytest.mark.parametrize("size", [(1, 1), (300, 1), (100, 2000)])
def test_tiny_and_narrow_pictures_work(tmp_path, size):
    path = photos.save_picture(np.full((size[1], size[0], 3), 160, np.uint8), tmp_path / "sliver.png")
    assert (open_film(make_shot(path, paint=True))[1](1.0).max(-1) > 0).mean() > 0.97


@pytest.mark.parametrize("size", deep_except(RATIOS, (320, 180), (180, 320), (336, 144)))
def test_the_head_of_a_portrait_stays_inside_every_aspect_ratio(portrait, size):
    parts, frame = open_film(make_shot(portrait, size, "push"))
    assert [part.name for part in parts[:2]] == ["picture", "subject"] or size == (336, 144)
    for t in (0.0, 2.0, 3.9):
        mouth = np.abs(frame(t).astype(int) - (90, 90, 170)).max(-1) < 30
        assert mouth.any() and np.flatnonzero(mouth.any(1))[-1] < size[1] - 2, "the mouth is cut off"
        hair = np.abs(frame(t).astype(int) - photos.HAIR).max(-1) < 40
        assert hair.any(), "the head has left the frame"
        assert np.flatnonzero(hair.any(1))[0] >= 2, "the top of the head is cut"


@pytest.mark.parametrize("camera", deep_except(CAMERAS, "push", "rise", "handheld"))
def test_no_camera_move_shows_an_edge_or_cuts_the_head(portrait, camera):
    _, frame = open_film(make_shot(portrait, (320, 180), camera))
    for t in (0.0, 1.3, 2.7, 3.95):
        drawn = frame(t)
        assert (drawn.max(-1) > 8).all()
        hair = np.abs(drawn.astype(int) - photos.HAIR).max(-1) < 40
        assert np.flatnonzero(hair.any(1))[0] >= 2


def test_frames_of_an_animated_picture_never_repeat(files):
    for kind in ("landscape", "drawing"):
        _, frame = open_film(make_shot(files[kind]))
        frames = [frame(t).astype(int) for t in (0.0, 0.5, 1.0, 3.0)]
        assert all(np.abs(a - b).mean() > 0.15 for a, b in pairwise(frames)), kind


def test_the_same_seed_gives_the_same_frames(portrait):
    assert np.array_equal(open_film(make_shot(portrait))[1](1.0), open_film(make_shot(portrait))[1](1.0))


def test_the_subject_moves_against_its_ground_without_a_halo(portrait):
    _, frame = open_film(make_shot(portrait, (480, 640), "pull"))
    seen = frame(2.0).astype(int)
    head = np.abs(seen - photos.HAIR).max(-1) < 40
    rows = np.flatnonzero(head.any(1))
    row = rows[0] + (rows[-1] - rows[0]) // 3
    left = np.flatnonzero(head[row])[0]
    beside = seen[row - 3 : row + 4, left - 30 : left - 4].reshape(-1, 3).mean(0)
    farther = seen[row - 3 : row + 4, max(0, left - 90) : left - 50].reshape(-1, 3).mean(0)
    assert np.abs(beside - farther).max() < 16  # the wall keeps its colour up to the hair


@pytest.mark.parametrize("camera", deep_except(["push", "handheld", "pull"], "pull"))
def test_skipping_the_hidden_background_does_not_change_the_frame(portrait, camera):
    shot = make_shot(portrait, (240, 320), camera)
    stage, parts = build_picture_parts(shot)
    view = lambda t: camera_view(camera, stage, t)  # noqa: E731
    painted_boxes, paint_in = [], parts[0].paint_in
    parts[0].paint_in = lambda frame, t, boxes: (painted_boxes.append(boxes), paint_in(frame, t, boxes))
    whole = Compositor(stage, [replace(parts[0], paint_in=None), *parts[1:]], view)
    partial = Compositor(stage, parts, view)
    for t in (0.0, 1.7, 3.9):
        assert np.abs(partial.frame(t).astype(int) - whole.frame(t)).max() <= 1
    area = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in painted_boxes[-1])
    assert 0 < area < 0.95 * 240 * 320


def test_a_phone_photo_stands_upright(files):
    picture = load_picture(files["phone"])
    assert picture.bgr.shape[0] > picture.bgr.shape[1]
    assert np.abs(picture.bgr[200, 240].astype(int) - photos.SKIN).max() < 60


def test_transparent_parts_become_background_and_the_rest_the_subject(files):
    parts, frame = open_film(make_shot(files["holes"]))
    assert "subject" in [part.name for part in parts]
    assert frame(0.0)[4, 4].min() > 60  # a quiet light ground, not black


def test_a_file_that_is_not_a_picture_is_refused(tmp_path):
    path = tmp_path / "story.png"
    path.write_bytes(b"once upon a time")
    with pytest.raises(PictureUnreadable, match="cannot be read"):
        build_picture_parts(make_shot(path))


def test_a_group_is_not_cropped_in_a_tall_frame():
    bgr = photos.draw_wall(1500, 600)
    for x in (200, 500, 900, 1300):
        photos.draw_person(bgr, x, 80, 170)
    found = mask.find_subject_mask(cv2.resize(photos.add_grain(bgr), (640, 256)))
    framing = choose_framing((1500, 600), found, (180, 320))
    for x in (200, 1300):
        assert 0 < x * framing.scale + framing.x < 180
    assert not framing.covers


def test_a_push_in_cuts_no_head_of_a_group(files):
    _, frame = open_film(make_shot(files["group"], (336, 144), "push"))
    for t in (0.0, 3.95):
        hair = (np.abs(frame(t).astype(int) - photos.HAIR).max(-1) < 40).any(0)
        assert not hair[:3].any() and not hair[-3:].any()
        assert np.count_nonzero(np.diff(hair.astype(int)) == 1) == 4


def test_a_cropped_close_up_is_not_framed_as_a_group():
    """Two ears at the upper edge are not two heads, so the picture fills the frame without bands."""
    found = np.zeros((300, 450), np.float32)
    found[0:, 60:350] = 1
    found[0:90, 150:260] = 0
    framing = choose_framing((450, 300), found, (180, 320))
    assert framing.covers


def test_one_person_is_cropped_instead_of_shrunk():
    bgr = photos.add_grain(photos.draw_portrait(900, 600))
    framing = choose_framing((900, 600), mask.find_subject_mask(bgr), (180, 320))
    assert framing.covers
    assert 60 < 450 * framing.scale + framing.x < 120


def test_the_mask_follows_the_person_and_a_landscape_has_none():
    found = mask.find_subject_mask(photos.draw_portrait())
    left, top, right, bottom = find_bounds(found)
    assert abs(top - 640 * 0.14) < 30 and bottom > 600 and left < 200 < 280 < right
    assert mask.find_subject_mask(photos.draw_landscape()) is None


def test_without_the_mask_network_an_object_on_plain_ground_is_found(monkeypatch, portrait):
    monkeypatch.setattr(mask, "_load_network", lambda: None)
    bgr = photos.draw_wall(480, 480)
    cv2.circle(bgr, (240, 250), 110, (40, 60, 200), -1, cv2.LINE_AA)
    found = mask.find_subject_mask(photos.add_grain(bgr, strength=3))
    assert found is not None and 0.1 < (found > 0.5).mean() < 0.3
    assert open_film(make_shot(portrait))[1](1.0).mean() > 20  # a picture without a found subject gives a clip, too


def test_an_opencv_without_the_newest_reader_still_gives_a_clip(monkeypatch, portrait):
    monkeypatch.delattr(cv2.dnn, "readNetFromTFLite")
    mask._load_network.cache_clear()
    try:
        assert mask._load_network() is None
        assert open_film(make_shot(portrait))[1](1.0).mean() > 20
    finally:
        mask._load_network.cache_clear()


def test_a_drawing_is_recognised_and_not_painted_over(files):
    assert is_drawing(photos.draw_cartoon())
    assert not is_drawing(photos.draw_portrait()) and not is_drawing(photos.draw_landscape())
    size = (640, 400)
    plain = open_film(make_shot(files["drawing"], size, paint=False))[1](0.0)
    painted = open_film(make_shot(files["drawing"], size, paint=True))[1](0.0)
    assert np.array_equal(plain, painted)


def test_painting_flattens_a_photo_and_keeps_its_size():
    photo = photos.draw_portrait(300, 400)
    paint = paint_photo(photo)
    assert paint.shape == photo.shape
    texture = [np.abs(cv2.Laplacian(cv2.cvtColor(p, cv2.COLOR_BGR2GRAY), cv2.CV_32F)).mean() for p in (photo, paint)]
    assert texture[1] < texture[0] * 0.6


@pytest.mark.parametrize("size", [(420, 300), pytest.param((300, 420), marks=pytest.mark.deep)])
def test_painting_in_strips_leaves_no_seam_and_checks_for_cancellation(size):
    network = painting._load_line_network()
    if network is None:
        pytest.skip("ncnn is not installed")
    checks, photo = [], photos.draw_portrait(*size)
    strips = painting._upscale(network, photo, lambda: checks.append(1))

    assert len(checks) == 3
    assert np.abs(strips.astype(int) - painting._upscale_strip(network, photo)).max() <= 2


def test_painting_can_be_cancelled(portrait):
    class Stop(Exception):
        pass

    checks = []

    def check_cancelled():
        checks.append(1)
        if len(checks) == 3:
            raise Stop

    with pytest.raises(Stop):
        build_picture_parts(make_shot(portrait, paint=True), check_cancelled)


def test_painting_works_without_the_line_network(monkeypatch):
    monkeypatch.setattr(painting, "_load_line_network", lambda: None)
    photo = photos.draw_portrait(200, 260)
    assert paint_photo(photo).shape == photo.shape
    assert np.abs(paint_photo(photo).astype(int) - photo).mean() > 2


def test_requested_particles_replace_the_default_motes(portrait):
    assert [part.name for part in open_film(make_shot(portrait))[0]][-1] == "motes"
    assert "motes" not in [part.name for part in open_film(make_shot(portrait, particles=("sakura",)))[0]]


def test_a_dark_picture_gets_night_light(files, portrait):
    assert build_picture_parts(make_shot(files["black"]))[0].time == "night"
    assert build_picture_parts(make_shot(portrait))[0].time == "day"


def test_the_vendored_models_match_their_recorded_digests():
    readme = (animatic_models.SUBJECT_MASK.parent / "README.md").read_text("utf-8")
    for path in (animatic_models.SUBJECT_MASK, animatic_models.LINE_WEIGHTS, animatic_models.LINE_SHAPE):
        assert hashlib.sha256(path.read_bytes()).hexdigest() in readme, path.name
