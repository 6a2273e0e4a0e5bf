"""The look of each transition at its middle and its ends."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from studio.render import drawing, effects
from studio.render.cache import Cache
from studio.render.clip import Clip
from studio.render.layout import Window, build_segments
from studio.render.plan import Card, JoinKind, Plan
from tests.matrix import deep_except
from tests.studio.render.clips import HEIGHT, SMALL, WIDTH, flat, lumas, make_mezzanine, merged, plan_of

DARK, LIGHT = 60, 180
KINDS = [kind for kind in JoinKind if kind != "cut"]


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    folder = tmp_path_factory.mktemp("flat")
    return [make_mezzanine(folder / f"{level}.mp4", flat(level), 48) for level in (DARK, LIGHT)]


def joined(two, tmp_path, kind, frames=12):
    plan = plan_of(two, kind, frames)
    pictures = list(lumas(merged(plan, tmp_path).path))
    start = plan.starts[1] - (frames // 2 if plan.joins[0].overlap == 0 else 0)
    return pictures, start


def test_a_crossfade_blends_evenly(two, tmp_path):
    pictures, start = joined(two, tmp_path, "crossfade")

    means = [picture[:100].mean() for picture in pictures[start - 1 : start + 13]]

    assert means[0] == pytest.approx(DARK, abs=1.5) and means[-1] == pytest.approx(LIGHT, abs=1.5)
    assert np.diff(means) == pytest.approx((LIGHT - DARK) / 13, abs=2)


def test_the_crossfade_test_notices_reversed_weights(two, tmp_path, monkeypatch):
    progress = effects.progress
    monkeypatch.setattr(effects, "progress", lambda number, join: 1 - progress(number, join))

    with pytest.raises(AssertionError):
        test_a_crossfade_blends_evenly(two, tmp_path)


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """Return the SSIM of two pictures, over windows of eight by eight."""
    one, other = one.astype(np.float64), other.astype(np.float64)
    mean = [cv2.blur(each, (8, 8)) for each in (one, other)]
    spread = [cv2.blur(each * each, (8, 8)) - m * m for each, m in zip((one, other), mean, strict=True)]
    both = cv2.blur(one * other, (8, 8)) - mean[0] * mean[1]
    first, second = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top = (2 * mean[0] * mean[1] + first) * (2 * both + second)
    return float((top / ((mean[0] ** 2 + mean[1] ** 2 + first) * (spread[0] + spread[1] + second))).mean())


@pytest.mark.parametrize("kind", deep_except(KINDS, JoinKind.CROSSFADE, JoinKind.IRIS))
def test_an_encoded_transition_looks_as_drawn(shots, tmp_path, kind):
    """SSIM of encoded frames against the frames given to the encoder."""
    plan = plan_of(shots[:2], kind, 17)
    film = merged(plan, tmp_path)
    cache = Cache(tmp_path / "cache")
    clips = [Clip.open(shot.path, shot.sha256, cache) for shot in shots[:2]]
    at, likenesses = 0, []
    pictures = list(lumas(film.path))
    for part in build_segments(plan, clips):
        if isinstance(part, Window):
            for number, frame in enumerate(drawing.draw_frames(part, SMALL, clips)):
                likenesses.append(likeness(frame.to_ndarray(format="yuv420p")[:HEIGHT], pictures[at + number]))
        at += part.frames
    for clip in clips:
        clip.close()

    assert len(likenesses) >= 17
    assert np.mean(likenesses) >= 0.985 and min(likenesses) >= 0.95


@pytest.mark.parametrize(("kind", "level"), [("fade_black", 16), ("fade_white", 235)])
def test_a_fade_passes_through_one_colour(two, tmp_path, kind, level):
    pictures, start = joined(two, tmp_path, kind)

    means = [picture[:100].mean() for picture in pictures[start : start + 12]]

    assert len(pictures) == 96
    assert means[0] == pytest.approx(DARK + (level - DARK) / 6.5, abs=3)
    assert means[5] == pytest.approx(level, abs=15) and means[6] == pytest.approx(level, abs=14)
    assert means[11] == pytest.approx(LIGHT + (level - LIGHT) / 6.5, abs=3)


def test_a_wipe_reveals_the_next_clip_from_the_left(two, tmp_path):
    pictures, start = joined(two, tmp_path, "wipe")

    edges = [(picture[20:100].mean(axis=0) > 120).sum() for picture in pictures[start : start + 12]]

    assert all(later > earlier for earlier, later in pairwise(edges))
    middle = pictures[start + 6]
    assert middle[20:100, :90].mean() == pytest.approx(LIGHT, abs=3)
    assert middle[20:100, 170:].mean() == pytest.approx(DARK, abs=3)


@pytest.mark.parametrize("kind", ["slide", "push"])
def test_slides_and_pushes_bring_the_next_clip_from_the_right(two, tmp_path, kind):
    pictures, start = joined(two, tmp_path, kind)

    middle = pictures[start + 6]

    assert middle[20:100, :90].mean() == pytest.approx(DARK, abs=3)
    assert middle[20:100, 170:].mean() == pytest.approx(LIGHT, abs=3)


def test_an_iris_opens_from_the_middle(two, tmp_path):
    pictures, start = joined(two, tmp_path, "iris")

    areas = [(picture[:130] > 120).mean() for picture in pictures[start : start + 12]]
    quarter = pictures[start + 3]

    assert all(later > earlier for earlier, later in pairwise(areas[:8]))
    assert quarter[HEIGHT // 2, WIDTH // 2] == pytest.approx(LIGHT, abs=4)
    assert quarter[4, 4] == pytest.approx(DARK, abs=4)


@pytest.mark.parametrize("kind", KINDS)
def test_transitions_start_and_end_smoothly(two, tmp_path, kind):
    pictures, start = joined(two, tmp_path, kind, 24)

    steps = [np.abs(after[:100] - before[:100]).mean() for before, after in pairwise(pictures)]
    inside = max(steps[start : start + 23])

    assert steps[start - 1] <= inside + 2  # the frame before the join → its first
    assert steps[start + 23] <= inside + 2  # its last → the frame after it
    assert max(steps[: start - 2]) < 1  # before, nothing changes


def test_a_card_shows_its_text_and_stays_still(tmp_path):
    plan = Plan(SMALL, (Card("对位 Tapwari", "つづく", frames=36, paper="#000000", ink="#ffffff"),), ())

    pictures = list(lumas(merged(plan, tmp_path).path))

    assert pictures[0].max() < pictures[20].max()
    assert (pictures[20] > 200).sum() > 100  # letters
    assert np.abs(pictures[20] - pictures[35]).mean() < 0.5
    assert pictures[20][:20].mean() == pytest.approx(16, abs=1)


def test_the_letters_of_a_card_are_readable(tmp_path):
    def card(text: str) -> np.ndarray:
        plan = Plan(SMALL, (Card(text, frames=16, paper="#000000", ink="#ffffff"),), ())
        return list(lumas(merged(plan, tmp_path).path))[-1]

    bright = card("HOHO") > 120
    rows, columns = np.flatnonzero(bright.any(axis=1)), np.flatnonzero(bright.any(axis=0))
    inside = bright[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]

    assert 0.2 < inside.mean() < 0.7  # strokes and the holes between them, not a blot
    assert np.abs(card("HOHO") - card("OHOH")).mean() > 0.5


def test_card_text_is_never_interpreted_by_ffmpeg(tmp_path, monkeypatch):
    """A908: ffmpeg's drawtext would read files and fill in values."""
    monkeypatch.setattr("generation.media.ffmpeg.run", lambda *_a, **_m: pytest.fail("a tool was called"))
    words = "':textfile=/etc/passwd:x=%{pts}"
    plan = Plan(SMALL, (Card(words, "[in]drawtext=", frames=16, paper="#000000", ink="#ffffff"),), ())

    film = merged(plan, tmp_path)

    assert (list(lumas(film.path))[-1] > 120).sum() > 100
    assert b"root:" not in film.path.read_bytes()


def test_a_card_keeps_its_colours(tmp_path):
    plan = Plan(SMALL, (Card("x", paper="#204060", frames=14),), ())
    red, green, blue = (value / 255 for value in (0x20, 0x40, 0x60))

    picture = list(lumas(merged(plan, tmp_path).path))[-1]

    assert picture[:10].mean() == pytest.approx(16 + 219 * (0.2126 * red + 0.7152 * green + 0.0722 * blue), abs=1.5)


def test_a_card_that_no_font_can_write_is_refused(tmp_path, monkeypatch):
    from generation.animatic.overlays import text
    from studio.render.errors import FilmRefused

    monkeypatch.setattr(text, "find_east_asian_font", lambda: None)

    with pytest.raises(FilmRefused) as refusal:
        merged(Plan(SMALL, (Card("夜"),), ()), tmp_path)

    assert refusal.value.code == "no_font" and refusal.value.piece == 0
    assert not (tmp_path / "film.mp4").exists()


def test_a_latin_card_needs_no_system_font(tmp_path, monkeypatch):
    from generation.animatic.overlays import text

    monkeypatch.setattr(text, "find_east_asian_font", lambda: None)
    monkeypatch.setattr(text, "find_wide_font", lambda: None)

    merged(Plan(SMALL, (Card("The End", frames=20),), ()), tmp_path)

    assert (list(lumas(tmp_path / "film.mp4"))[-1] > 150).sum() > 50
