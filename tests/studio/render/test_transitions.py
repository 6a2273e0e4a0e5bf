"""Each transition looks right in its middle and at its ends."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from studio.render import drawing, transition_effects
from studio.render.cache import Cache
from studio.render.clip import Clip
from studio.render.layout import Window, build_segments
from studio.render.plan import Card, JoinKind, Plan
from tests.matrix import deep_except
from tests.studio.render.clips import (
    HEIGHT,
    SMALL,
    WIDTH,
    build_plan,
    grey_frames,
    make_mezzanine,
    merge_plan,
    read_lumas,
)

DARK, LIGHT = 60, 180
KINDS = [kind for kind in JoinKind if kind != "cut"]


@pytest.fixture(scope="module")
def dark_and_light(tmp_path_factory):
    folder = tmp_path_factory.mktemp("flat")
    return [make_mezzanine(folder / f"{level}.mp4", grey_frames(level), 48) for level in (DARK, LIGHT)]


def render_transition(dark_and_light, tmp_path, kind, frames=12):
    plan = build_plan(dark_and_light, kind, frames)
    pictures = list(read_lumas(merge_plan(plan, tmp_path).path))
    start = plan.starts[1] - (frames // 2 if plan.joins[0].overlap == 0 else 0)
    return pictures, start


def test_a_crossfade_blends_evenly(dark_and_light, tmp_path):
    pictures, start = render_transition(dark_and_light, tmp_path, "crossfade")

    means = [picture[:100].mean() for picture in pictures[start - 1 : start + 13]]

    assert means[0] == pytest.approx(DARK, abs=1.5) and means[-1] == pytest.approx(LIGHT, abs=1.5)
    assert np.diff(means) == pytest.approx((LIGHT - DARK) / 13, abs=2)


def test_the_crossfade_test_notices_reversed_weights(dark_and_light, tmp_path, monkeypatch):
    progress = transition_effects.get_progress
    monkeypatch.setattr(transition_effects, "get_progress", lambda number, join: 1 - progress(number, join))

    with pytest.raises(AssertionError):
        test_a_crossfade_blends_evenly(dark_and_light, tmp_path)


def measure_ssim(first_picture: np.ndarray, second_picture: np.ndarray) -> float:
    """Return the SSIM of two pictures, over windows of eight by eight."""
    first_picture, second_picture = first_picture.astype(np.float64), second_picture.astype(np.float64)
    mean = [cv2.blur(picture, (8, 8)) for picture in (first_picture, second_picture)]
    spread = [
        cv2.blur(picture * picture, (8, 8)) - m * m
        for picture, m in zip((first_picture, second_picture), mean, strict=True)
    ]
    covariance = cv2.blur(first_picture * second_picture, (8, 8)) - mean[0] * mean[1]
    first, second = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    numerator = (2 * mean[0] * mean[1] + first) * (2 * covariance + second)
    return float((numerator / ((mean[0] ** 2 + mean[1] ** 2 + first) * (spread[0] + spread[1] + second))).mean())


@pytest.mark.parametrize("kind", deep_except(KINDS, JoinKind.CROSSFADE, JoinKind.IRIS))
def test_an_encoded_transition_looks_as_drawn(shots, tmp_path, kind):
    """SSIM of encoded frames against the frames given to the encoder."""
    plan = build_plan(shots[:2], kind, 17)
    film = merge_plan(plan, tmp_path)
    cache = Cache(tmp_path / "cache")
    clips = [Clip.open(shot.path, shot.sha256, cache) for shot in shots[:2]]
    at, similarities = 0, []
    pictures = list(read_lumas(film.path))
    for part in build_segments(plan, clips):
        if isinstance(part, Window):
            for number, frame in enumerate(drawing.draw_frames(part, SMALL, clips)):
                similarities.append(measure_ssim(frame.to_ndarray(format="yuv420p")[:HEIGHT], pictures[at + number]))
        at += part.frames
    for clip in clips:
        clip.close()

    assert len(similarities) >= 17
    assert np.mean(similarities) >= 0.985 and min(similarities) >= 0.95


@pytest.mark.parametrize(("kind", "level"), [("fade_black", 16), ("fade_white", 235)])
def test_a_fade_passes_through_one_colour(dark_and_light, tmp_path, kind, level):
    pictures, start = render_transition(dark_and_light, tmp_path, kind)

    means = [picture[:100].mean() for picture in pictures[start : start + 12]]

    assert len(pictures) == 96
    assert means[0] == pytest.approx(DARK + (level - DARK) / 6.5, abs=3)
    assert means[5] == pytest.approx(level, abs=15) and means[6] == pytest.approx(level, abs=14)
    assert means[11] == pytest.approx(LIGHT + (level - LIGHT) / 6.5, abs=3)


def test_a_wipe_reveals_the_next_clip_from_the_left(dark_and_light, tmp_path):
    pictures, start = render_transition(dark_and_light, tmp_path, "wipe")

    edges = [(picture[20:100].mean(axis=0) > 120).sum() for picture in pictures[start : start + 12]]

    assert all(later > earlier for earlier, later in pairwise(edges))
    middle = pictures[start + 6]
    assert middle[20:100, :90].mean() == pytest.approx(LIGHT, abs=3)
    assert middle[20:100, 170:].mean() == pytest.approx(DARK, abs=3)


@pytest.mark.parametrize("kind", ["slide", "push"])
def test_slides_and_pushes_bring_the_next_clip_from_the_right(dark_and_light, tmp_path, kind):
    pictures, start = render_transition(dark_and_light, tmp_path, kind)

    middle = pictures[start + 6]

    assert middle[20:100, :90].mean() == pytest.approx(DARK, abs=3)
    assert middle[20:100, 170:].mean() == pytest.approx(LIGHT, abs=3)


def test_an_iris_opens_from_the_middle(dark_and_light, tmp_path):
    pictures, start = render_transition(dark_and_light, tmp_path, "iris")

    areas = [(picture[:130] > 120).mean() for picture in pictures[start : start + 12]]
    quarter = pictures[start + 3]

    assert all(later > earlier for earlier, later in pairwise(areas[:8]))
    assert quarter[HEIGHT // 2, WIDTH // 2] == pytest.approx(LIGHT, abs=4)
    assert quarter[4, 4] == pytest.approx(DARK, abs=4)


@pytest.mark.parametrize("kind", deep_except(KINDS, JoinKind.WIPE, JoinKind.FADE_BLACK))
def test_transitions_start_and_end_smoothly(dark_and_light, tmp_path, kind):
    pictures, start = render_transition(dark_and_light, tmp_path, kind, 24)

    steps = [np.abs(after[:100] - before[:100]).mean() for before, after in pairwise(pictures)]
    inside = max(steps[start : start + 23])

    assert steps[start - 1] <= inside + 2  # into the transition
    assert steps[start + 23] <= inside + 2  # out of the transition
    assert max(steps[: start - 2]) < 1  # nothing changes before it


def test_a_card_shows_its_text_and_stays_still(tmp_path):
    plan = Plan(SMALL, (Card("对位 Tapwari", "つづく", frames=36, paper="#000000", ink="#ffffff"),), ())

    pictures = list(read_lumas(merge_plan(plan, tmp_path).path))

    assert pictures[0].max() < pictures[20].max()
    assert (pictures[20] > 200).sum() > 100  # letters
    assert np.abs(pictures[20] - pictures[35]).mean() < 0.5
    assert pictures[20][:20].mean() == pytest.approx(16, abs=1)


def test_the_letters_of_a_card_are_readable(tmp_path):
    def render_card(text: str) -> np.ndarray:
        plan = Plan(SMALL, (Card(text, frames=16, paper="#000000", ink="#ffffff"),), ())
        return list(read_lumas(merge_plan(plan, tmp_path).path))[-1]

    is_bright = render_card("HOHO") > 120
    rows, columns = np.flatnonzero(is_bright.any(axis=1)), np.flatnonzero(is_bright.any(axis=0))
    inside = is_bright[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]

    assert 0.2 < inside.mean() < 0.7  # strokes with gaps
    assert np.abs(render_card("HOHO") - render_card("OHOH")).mean() > 0.5


def test_card_text_is_never_interpreted_by_ffmpeg(tmp_path, monkeypatch):
    """ffmpeg's drawtext would read files and evaluate expressions."""
    monkeypatch.setattr("generation.media.ffmpeg.run", lambda *_a, **_m: pytest.fail("ffmpeg was called"))
    hostile_text = "':textfile=/etc/passwd:x=%{pts}"
    plan = Plan(SMALL, (Card(hostile_text, "[in]drawtext=", frames=16, paper="#000000", ink="#ffffff"),), ())

    film = merge_plan(plan, tmp_path)

    assert (list(read_lumas(film.path))[-1] > 120).sum() > 100
    assert b"root:" not in film.path.read_bytes()


def test_a_card_keeps_its_colours(tmp_path):
    plan = Plan(SMALL, (Card("x", paper="#204060", frames=14),), ())
    red, green, blue = (value / 255 for value in (0x20, 0x40, 0x60))

    picture = list(read_lumas(merge_plan(plan, tmp_path).path))[-1]

    assert picture[:10].mean() == pytest.approx(16 + 219 * (0.2126 * red + 0.7152 * green + 0.0722 * blue), abs=1.5)


def test_a_card_that_no_font_can_write_is_refused(tmp_path, monkeypatch):
    from generation.animatic import fonts
    from studio.render.errors import FilmRefused

    monkeypatch.setattr(fonts, "find_east_asian_font", lambda: None)

    with pytest.raises(FilmRefused) as refusal:
        merge_plan(Plan(SMALL, (Card("夜"),), ()), tmp_path)

    assert refusal.value.code == "no_font" and refusal.value.piece == 0
    assert not (tmp_path / "film.mp4").exists()


def test_a_latin_card_needs_no_system_font(tmp_path, monkeypatch):
    from generation.animatic import fonts

    monkeypatch.setattr(fonts, "find_east_asian_font", lambda: None)
    monkeypatch.setattr(fonts, "find_wide_font", lambda: None)

    merge_plan(Plan(SMALL, (Card("The End", frames=20),), ()), tmp_path)

    assert (list(read_lumas(tmp_path / "film.mp4"))[-1] > 150).sum() > 50
