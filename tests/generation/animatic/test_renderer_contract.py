"""Documented properties of the whole renderer, also those of CONTRIBUTING.md."""

import re
from pathlib import Path

import av
import numpy as np
import pytest

from generation.animatic import models as animatic_models
from generation.animatic import places
from generation.animatic.canvas import Sheet
from generation.animatic.layers import Layer, Spot, Stage
from generation.animatic.picture import mask, painting
from generation.animatic.render import ShotRenderer, render, render_still
from generation.animatic.scene import Card, Scene, Shot, Subject
from generation.animatic.scenery.sky import build_sky
from generation.animatic.understanding import parsing, understand
from generation.animatic.understanding.lexicon import Lexicon, Meaning, load_lexicon
from generation.providers.adapters.local.provider import AnimaticProvider
from generation.providers.base import Mode

from . import photos

CONTRIBUTING = Path(__file__).parents[3] / "CONTRIBUTING.md"
SONNET = (
    "Shall I compare thee to a summer's day? Thou art more lovely and more temperate: rough winds do shake the "
    "darling buds of May, and summer's lease hath all too short a date."
)
ODD_WORDS = {
    "empty": "", "one letter": "q", "pictographs": "🌸🌙🐈", "long": "a girl walks by the sea at night " * 61,
    "poem": SONNET, "code": "for (let i = 0; i < 9; i++) { draw(i); }", "html": "<b onclick='x()'>a cat</b> &amp; rain",
    "right to left": "فتاة تمشي تحت المطر في المدينة", "another language": "Тихая река и старый мост",
}  # fmt: skip


def test_the_example_place_in_contributing_works_as_printed(monkeypatch):
    """The printed lines, registered as a place, draw a scene."""
    text = CONTRIBUTING.read_text("utf-8").partition("## Add a place or a subject")[2]
    code = re.search(r"\n       (def compose.*?)\n\n2\. ", text, re.DOTALL)
    assert code, "CONTRIBUTING shows no place"
    meadow = {"Stage": Stage, "Layer": Layer, "Sheet": Sheet, "Spot": Spot, "build_sky": build_sky}
    exec(re.sub(r"^ {7}", "", code[1], flags=re.MULTILINE), meadow)  # noqa: S102  the printed code must run
    monkeypatch.setitem(places._PLACES, "meadow", meadow["compose"])

    with_girl, without = (
        render_still(Shot(Scene("meadow", "day", camera="still", subjects=subjects), 3, 320, 180, 3), 1.0)
        for subjects in ((Subject("girl", name="Mio"),), ())
    )
    girl = np.abs(with_girl.astype(int) - without).max(-1) > 30
    rows = np.flatnonzero(girl.any(1))
    assert without.std() > 20 and 0.005 < girl.mean() < 0.2
    assert abs(rows[-1] - 180 * 0.88) < 6, "the girl does not stand on the meadow"


def test_the_provider_offers_the_documented_options():
    (model,) = AnimaticProvider().capabilities()
    assert model.modes == {Mode.WORDS, Mode.PICTURE}
    assert set(model.ratios) == {"16:9", "9:16", "1:1", "4:3", "3:4", "21:9"}
    assert (min(model.seconds), max(model.seconds), set(model.resolutions)) == (2, 15, {480, 720, 1080})
    assert len(model.styles) == 10 and model.has_seed


@pytest.mark.parametrize(("seconds", "frames"), [(2, 48), (3, 72)])
def test_a_clip_has_the_requested_length_at_24_frames_a_second(tmp_path, seconds, frames):
    out = tmp_path / "clip.mp4"
    render(Shot(Scene("room"), 2, 160, 90, seconds), out, progress=lambda *_: None, is_cancelled=lambda: False)
    with av.open(str(out)) as file:
        video = file.streams.video[0]
        assert (video.frames, video.average_rate) == (frames, 24)


@pytest.mark.parametrize("prompt", list(ODD_WORDS.values()), ids=list(ODD_WORDS))
def test_any_prompt_gives_a_detailed_picture(prompt):
    found = understand(prompt, seed=3)
    frame = render_still(Shot(found.scene, 3, 240, 136, 2), 0.5)
    assert frame.std() > 18


@pytest.mark.parametrize("name", ["poem", "right to left", "another language"])
def test_text_outside_the_dictionaries_is_listed_as_unknown(name):
    assert len(understand(ODD_WORDS[name]).unknown) >= 2


@pytest.mark.parametrize(
    ("prompt", "verb"),
    [("a girl jumps over a puddle", "jumps"), ("a boy plays the harp", "harp"), ("少女在海边翻跟头", "翻跟头"),
     ("a man on the moon base", "base"), ("猫がピアノを運ぶ", "ピアノ")],
)  # fmt: skip
def test_actions_and_things_that_cannot_be_drawn_are_listed(prompt, verb):
    assert verb in " ".join(understand(prompt).unknown)


def test_effects_and_cards_are_drawn_over_a_picture(tmp_path):
    path = photos.save_picture(photos.draw_portrait(), tmp_path / "portrait.png")
    scene = Scene(camera="still", overlays=("speed_lines",), cards=(Card("title", "Summer"),))
    plain, effects = (ShotRenderer(Shot(variant, 3, 320, 180, 3, picture=path, paint=False)).frame(1.2).astype(int)
                        for variant in (Scene(camera="still"), scene))  # fmt: skip
    changed = np.abs(plain - effects).max(-1) > 40
    assert changed[60:120, 100:220].mean() > 0.02, "no title"
    assert changed[:, :40].mean() > 0.02, "no speed lines"


def test_a_picture_becomes_a_whole_clip_without_the_vendored_models(tmp_path, monkeypatch):
    for name in ("SUBJECT_MASK", "LINE_WEIGHTS", "LINE_SHAPE"):
        gone = tmp_path / "gone" / getattr(animatic_models, name).name
        for module in (animatic_models, mask, painting):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, gone)
    caches = (mask._load_network, painting._load_line_network)
    for cache in caches:
        cache.cache_clear()
    try:
        assert mask._load_network() is None and painting._load_line_network() is None
        path = photos.save_picture(photos.draw_portrait(), tmp_path / "portrait.png")
        out = tmp_path / "clip.mp4"
        shot = Shot(Scene(camera="push"), 3, 160, 90, 2, picture=path, paint=True)
        render(shot, out, progress=lambda *_: None, is_cancelled=lambda: False)
        with av.open(str(out)) as file:
            frames = [frame.to_ndarray(format="bgr24") for frame in file.decode(video=0)]
    finally:
        for cache in caches:
            cache.cache_clear()
    assert len(frames) == 48
    assert frames[0].std() > 20 and np.abs(frames[0].astype(int) - frames[-1]).mean() > 0.5


def test_a_prompt_without_people_never_adds_people():
    """“No people” also holds for places whose words suggest people."""
    for prompt in ("a festival at the shrine, no people", "没有人的教室，黑板", "学校、誰もいない、卒業式"):
        for seed in range(6):
            assert not [
                subject for subject in understand(prompt, seed=seed).scene.subjects if subject.kind in ("girl", "boy")
            ]


def test_a_place_that_exists_only_in_the_lexicon_is_understood(monkeypatch):
    meadow = (Meaning("place", "meadow"),)
    book = Lexicon("en", {"meadow": {("meadow",): meadow}}, {"meadow": 1})
    monkeypatch.setattr(parsing, "load_lexicon", lambda language: book if language == "en" else load_lexicon(language))

    scenes = [understand("meadow", seed=seed).scene for seed in range(6)]
    assert {scene.place for scene in scenes} == {"meadow"}
    assert {scene.time for scene in scenes} <= {"day", "sunset"}
