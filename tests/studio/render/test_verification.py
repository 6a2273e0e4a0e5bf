"""Each check of a film can fail: the engine is broken on purpose, and no film is published."""

from dataclasses import replace

import numpy as np
import pytest

from studio.render import aac, drawing, effects, layout, merge, mux, packets
from studio.render.cache import Cache
from studio.render.clip import Clip
from studio.render.errors import FilmRefused
from studio.render.freeze_detect import find_runs
from studio.render.plan import Card, Join, JoinKind, Plan
from tests.studio.render.clips import SMALL, flat, make_mezzanine, merged, plan_of


def refused(plan, folder) -> str:
    with pytest.raises(FilmRefused) as refusal:
        merged(plan, folder)
    assert not list(folder.glob("*film*"))
    return refusal.value.code


def broken(monkeypatch, module, name, change):
    """Replace a function with `change(original)`."""
    monkeypatch.setattr(module, name, change(getattr(module, name)))


def test_a_window_one_frame_short_is_refused(shots, tmp_path, monkeypatch):
    broken(monkeypatch, drawing, "draw_frames", lambda frames: lambda *a: list(frames(*a))[:-1])

    assert refused(plan_of(shots[:3], "fade_black"), tmp_path) in ("window", "undecodable")


def test_a_window_that_loses_a_packet_is_refused(shots, tmp_path, monkeypatch):
    broken(monkeypatch, packets, "encode", lambda encode: lambda *a, **m: encode(*a, **m)[:-1])

    assert refused(plan_of(shots[:3], "crossfade"), tmp_path) == "window"


def test_a_window_with_corrupt_packets_is_refused(shots, tmp_path, monkeypatch):
    def spoil(encode):
        def spoilt(*a, **m):
            made = encode(*a, **m)
            made[3] = made[3]._replace(data=made[3].data[:6] + bytes(len(made[3].data) - 6))
            return made

        return spoilt

    broken(monkeypatch, packets, "encode", spoil)

    assert refused(plan_of(shots[:3], "crossfade"), tmp_path) == "window"


def test_an_encoder_with_other_settings_is_refused(shots, tmp_path, monkeypatch):
    from generation.media import mezzanine

    monkeypatch.setattr(mezzanine, "QUICK_X264_PARAMS", ":ref=3")

    assert refused(plan_of(shots[:3], "crossfade"), tmp_path) == "window"


def test_a_copy_that_starts_between_key_frames_is_refused(shots, tmp_path, monkeypatch):
    broken(monkeypatch, layout, "_copied", lambda copied: lambda clip, first, end: (first, copied(clip, first, end)[1]))

    assert refused(plan_of(shots[:3], "crossfade", 7), tmp_path) == "order"


def test_a_copy_that_ends_inside_b_frames_is_refused(shots, tmp_path, monkeypatch):
    clip = Clip.open(shots[0].path, shots[0].sha256, Cache(tmp_path / "cache"))
    clip.close()
    inside = next(trim for trim in range(1, 20) if clip.last_cut(clip.frames - trim) != clip.frames - trim)
    monkeypatch.setattr(Clip, "last_cut", lambda clip, frame: frame)

    assert refused(plan_of([replace(shots[0], trim_out=inside), shots[1]]), tmp_path) == "order"


def test_a_repeated_or_missing_segment_is_refused(shots, tmp_path, monkeypatch):
    for change in (lambda parts: [*parts, parts[-1]], lambda parts: parts[:-1]):
        with monkeypatch.context() as patch:
            broken(patch, merge._Job, "_yield_parts", lambda parts, change=change: lambda job: change(list(parts(job))))
            assert refused(plan_of(shots[:3], "crossfade"), tmp_path) == "length"


@pytest.mark.parametrize("where", ["written", "laid out"])
def test_exchanged_scenes_are_refused(shots, tmp_path, monkeypatch, where):
    """Both clips have the same length, so that only their pictures differ."""

    def exchanged(parts):
        def exchange(*arguments):
            first, second = parts(*arguments)
            return [second, first]

        return exchange

    if where == "written":
        broken(monkeypatch, merge._Job, "_yield_parts", exchanged)
    else:
        broken(monkeypatch, merge, "build_segments", exchanged)

    assert refused(plan_of([shots[0], shots[3]]), tmp_path) in ("copied", "order")


def test_bytes_lost_on_disk_are_refused(shots, tmp_path, monkeypatch):
    def forgetful(create_story):
        def written(job, path):
            manifest = create_story(job, path)
            content = bytearray(path.read_bytes())
            content[content.rindex(b"mdat") + 3000] ^= 4
            path.write_bytes(content)
            return manifest

        return written

    broken(monkeypatch, merge._Job, "_write_file", forgetful)

    assert refused(plan_of(shots[:3], "crossfade"), tmp_path) == "copied"


def test_sound_that_starts_late_is_refused(shots, tmp_path, monkeypatch):
    monkeypatch.setattr(mux, "FRAME_SAMPLES", 1100)

    assert refused(plan_of(shots, "cut"), tmp_path) == "drift"


def test_encoder_delay_played_as_sound_is_refused(shots, tmp_path, monkeypatch):
    """An encoder begins with 1024 silent samples; playing them would delay the sound by 21 ms."""

    def forgetful(start):
        def started(muxer, *arguments):
            start(muxer, *arguments)
            muxer.written_sound.append(0)
            muxer.length += mux.FRAME_SAMPLES

        return started

    broken(monkeypatch, mux._Muxer, "__init__", forgetful)
    broken(monkeypatch, merge, "write_film", lambda create_story: lambda *a, **m: create_story(*a, **m)[1:])

    assert refused(plan_of(shots[:3], "cut"), tmp_path) == "drift"


def test_a_missing_piece_of_sound_is_refused(shots, tmp_path, monkeypatch):
    broken(monkeypatch, merge, "encode_part", lambda part: lambda *a, **m: (part(*a, **m)[0], part(*a, **m)[1][:-3]))

    assert refused(plan_of(shots, "cut"), tmp_path) == "drift"


def test_sound_encoded_too_short_is_refused(shots, tmp_path, monkeypatch):
    broken(monkeypatch, aac, "_encode", lambda encode: lambda *a: (encode(*a)[0], encode(*a)[1][:-1]))

    assert refused(plan_of(shots, "cut"), tmp_path) == "length"


def painted(luma_of):
    """Return a transition drawn with one luma from `luma_of(frame number)`."""

    def draw_scenes(earlier, later, join, format):
        canvas = effects.Canvas(format.width, format.height)
        canvas.packed[:] = 128
        for number in range(join.film_frames):
            canvas.planes[0][:] = luma_of(number)
            yield canvas.make_frame()

    return draw_scenes


def test_a_black_transition_is_refused(shots, tmp_path, monkeypatch):
    monkeypatch.setattr(effects, "draw", painted(lambda number: 16 + number % 2))

    assert refused(plan_of(shots[:3], "crossfade", 16), tmp_path) == "black"


def test_a_frozen_transition_is_refused(shots, tmp_path, monkeypatch):
    monkeypatch.setattr(effects, "draw", painted(lambda number: 120))

    assert refused(plan_of(shots[:3], "crossfade", 16), tmp_path) == "frozen"


def test_an_encoder_that_repeats_a_frame_is_refused(shots, tmp_path, monkeypatch):
    def repeating(encode):
        def repeated(frames, *a, **m):
            first = []

            def same():
                for frame in frames:
                    first.append(frame.to_ndarray())
                    yield effects.VideoFrame.from_ndarray(first[0], format="yuv420p")

            return encode(same(), *a, **m)

        return repeated

    broken(monkeypatch, packets, "encode", repeating)

    assert refused(plan_of(shots[:3], "fade_white", 24), tmp_path) == "window"


def test_planned_black_and_still_parts_are_accepted(tmp_path):
    """Cards are still, clips may have dark or still parts, and a fade is black in its middle."""

    def pausing(number, luma):
        flat(120)(number if number < 30 else 30, luma)
        if number > 70:
            luma[:] = 16

    clip = make_mezzanine(tmp_path / "a.mp4", pausing, 120)
    pieces = (Card("One", frames=48), clip, replace(clip, trim_in=30), Card("End", frames=48))
    joins = (Join(JoinKind.FADE_BLACK, 48), Join(JoinKind.CROSSFADE, 24), Join(JoinKind.FADE_WHITE, 30))

    assert merged(Plan(SMALL, pieces, joins), tmp_path).frames == 48 + 120 + 90 + 48 - 24


def test_runs_are_found_with_their_ends():
    flags = np.array([1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 1], bool)

    assert find_runs(flags, 3) == [(3, 6), (8, 11)]
