"""Each check of a film notices a deliberately broken engine, and no film is published."""

from dataclasses import replace

import numpy as np
import pytest

from studio.render import aac, drawing, layout, merge, mux, packets, transition_effects
from studio.render.cache import Cache
from studio.render.clip import Clip
from studio.render.errors import FilmRefused
from studio.render.freeze_detect import find_runs
from studio.render.plan import Card, Join, JoinKind, Plan
from tests.studio.render.clips import SMALL, build_plan, grey_frames, make_mezzanine, merge_plan


def expect_refusal(plan, folder) -> str:
    with pytest.raises(FilmRefused) as refusal:
        merge_plan(plan, folder)
    assert not list(folder.glob("*film*"))
    return refusal.value.code


def break_function(monkeypatch, module, name, change):
    """Replace a function with `change(original)`."""
    monkeypatch.setattr(module, name, change(getattr(module, name)))


def test_a_window_one_frame_short_is_refused(shots, tmp_path, monkeypatch):
    break_function(monkeypatch, drawing, "draw_frames", lambda frames: lambda *a: list(frames(*a))[:-1])

    assert expect_refusal(build_plan(shots[:3], "fade_black"), tmp_path) in ("window", "undecodable")


def test_a_window_that_loses_a_packet_is_refused(shots, tmp_path, monkeypatch):
    break_function(monkeypatch, packets, "encode", lambda encode: lambda *a, **m: encode(*a, **m)[:-1])

    assert expect_refusal(build_plan(shots[:3], "crossfade"), tmp_path) == "window"


def test_a_window_with_corrupt_packets_is_refused(shots, tmp_path, monkeypatch):
    def corrupt(encode):
        def encode_and_corrupt(*a, **m):
            encoded = encode(*a, **m)
            encoded[3] = encoded[3]._replace(data=encoded[3].data[:6] + bytes(len(encoded[3].data) - 6))
            return encoded

        return encode_and_corrupt

    break_function(monkeypatch, packets, "encode", corrupt)

    assert expect_refusal(build_plan(shots[:3], "crossfade"), tmp_path) == "window"


def test_an_encoder_with_other_settings_is_refused(shots, tmp_path, monkeypatch):
    from generation.media import mezzanine

    monkeypatch.setattr(mezzanine, "QUICK_X264_PARAMS", ":ref=3")

    assert expect_refusal(build_plan(shots[:3], "crossfade"), tmp_path) == "window"


def test_a_copy_that_starts_between_key_frames_is_refused(shots, tmp_path, monkeypatch):
    break_function(
        monkeypatch,
        layout,
        "_find_copied_range",
        lambda copied: lambda clip, first, end: (first, copied(clip, first, end)[1]),
    )

    assert expect_refusal(build_plan(shots[:3], "crossfade", 7), tmp_path) == "order"


def test_a_copy_that_ends_inside_b_frames_is_refused(shots, tmp_path, monkeypatch):
    clip = Clip.open(shots[0].path, shots[0].sha256, Cache(tmp_path / "cache"))
    clip.close()
    inside = next(trim for trim in range(1, 20) if clip.last_cut(clip.frames - trim) != clip.frames - trim)
    monkeypatch.setattr(Clip, "last_cut", lambda clip, frame: frame)

    assert expect_refusal(build_plan([replace(shots[0], trim_out=inside), shots[1]]), tmp_path) == "order"


def test_a_repeated_or_missing_segment_is_refused(shots, tmp_path, monkeypatch):
    for change in (lambda parts: [*parts, parts[-1]], lambda parts: parts[:-1]):
        with monkeypatch.context() as patch:
            break_function(
                patch, merge._Job, "_yield_parts", lambda parts, change=change: lambda job: change(list(parts(job)))
            )
            assert expect_refusal(build_plan(shots[:3], "crossfade"), tmp_path) == "length"


@pytest.mark.parametrize("stage", ["parts", "segments"])
def test_exchanged_scenes_are_refused(shots, tmp_path, monkeypatch, stage):
    """Both clips have the same length, so that only their pictures differ."""

    def swap(parts):
        def call_and_swap(*arguments):
            first, second = parts(*arguments)
            return [second, first]

        return call_and_swap

    if stage == "parts":
        break_function(monkeypatch, merge._Job, "_yield_parts", swap)
    else:
        break_function(monkeypatch, merge, "build_segments", swap)

    assert expect_refusal(build_plan([shots[0], shots[3]]), tmp_path) in ("copied", "order")


def test_bytes_lost_on_disk_are_refused(shots, tmp_path, monkeypatch):
    def corrupt(write):
        def write_and_corrupt(job, path):
            manifest = write(job, path)
            content = bytearray(path.read_bytes())
            content[content.rindex(b"mdat") + 3000] ^= 4
            path.write_bytes(content)
            return manifest

        return write_and_corrupt

    break_function(monkeypatch, merge._Job, "_write_file", corrupt)

    assert expect_refusal(build_plan(shots[:3], "crossfade"), tmp_path) == "copied"


@pytest.mark.deep
def test_sound_that_starts_late_is_refused(shots, tmp_path, monkeypatch):
    monkeypatch.setattr(mux, "FRAME_SAMPLES", 1100)

    assert expect_refusal(build_plan(shots, "cut"), tmp_path) == "drift"


def test_encoder_delay_played_as_sound_is_refused(shots, tmp_path, monkeypatch):
    """An encoder begins with 1024 silent samples; playing them would delay the sound by 21 ms."""

    def corrupt(start):
        def start_late(muxer, *arguments):
            start(muxer, *arguments)
            muxer.written_sound.append(0)
            muxer.length += mux.FRAME_SAMPLES

        return start_late

    break_function(monkeypatch, mux._Muxer, "__init__", corrupt)
    break_function(monkeypatch, merge, "write_film", lambda write: lambda *a, **m: write(*a, **m)[1:])

    assert expect_refusal(build_plan(shots[:3], "cut"), tmp_path) == "drift"


def test_a_missing_piece_of_sound_is_refused(shots, tmp_path, monkeypatch):
    break_function(
        monkeypatch, merge, "encode_part", lambda part: lambda *a, **m: (part(*a, **m)[0], part(*a, **m)[1][:-3])
    )

    assert expect_refusal(build_plan(shots, "cut"), tmp_path) == "drift"


def test_sound_encoded_too_short_is_refused(shots, tmp_path, monkeypatch):
    break_function(monkeypatch, aac, "_encode", lambda encode: lambda *a: (encode(*a)[0], encode(*a)[1][:-1]))

    assert expect_refusal(build_plan(shots, "cut"), tmp_path) == "length"


def paint_with(luma_of):
    """Return a transition drawn with one luma from `luma_of(frame number)`."""

    def draw(earlier, later, join, format):
        canvas = transition_effects.Canvas(format.width, format.height)
        canvas.packed[:] = 128
        for number in range(join.film_frames):
            canvas.planes[0][:] = luma_of(number)
            yield canvas.make_frame()

    return draw


def test_a_black_transition_is_refused(shots, tmp_path, monkeypatch):
    monkeypatch.setattr(transition_effects, "draw", paint_with(lambda number: 16 + number % 2))

    assert expect_refusal(build_plan(shots[:3], "crossfade", 16), tmp_path) == "black"


def test_a_frozen_transition_is_refused(shots, tmp_path, monkeypatch):
    monkeypatch.setattr(transition_effects, "draw", paint_with(lambda number: 120))

    assert expect_refusal(build_plan(shots[:3], "crossfade", 16), tmp_path) == "frozen"


def test_an_encoder_that_repeats_a_frame_is_refused(shots, tmp_path, monkeypatch):
    def repeat_first(encode):
        def encode_repeated(frames, *a, **m):
            first = []

            def yield_first():
                for frame in frames:
                    first.append(frame.to_ndarray())
                    yield transition_effects.VideoFrame.from_ndarray(first[0], format="yuv420p")

            return encode(yield_first(), *a, **m)

        return encode_repeated

    break_function(monkeypatch, packets, "encode", repeat_first)

    assert expect_refusal(build_plan(shots[:3], "fade_white", 24), tmp_path) == "window"


def test_planned_black_and_still_parts_are_accepted(tmp_path):
    """Cards are still, clips may have dark or still parts, and a fade is black in its middle."""

    def paint_pauses(number, luma):
        grey_frames(120)(number if number < 30 else 30, luma)
        if number > 70:
            luma[:] = 16

    clip = make_mezzanine(tmp_path / "a.mp4", paint_pauses, 120)
    pieces = (Card("One", frames=48), clip, replace(clip, trim_in=30), Card("End", frames=48))
    joins = (Join(JoinKind.FADE_BLACK, 48), Join(JoinKind.CROSSFADE, 24), Join(JoinKind.FADE_WHITE, 30))

    assert merge_plan(Plan(SMALL, pieces, joins), tmp_path).frames == 48 + 120 + 90 + 48 - 24


def test_runs_are_found_with_their_ends():
    flags = np.array([1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 1], bool)

    assert find_runs(flags, 3) == [(3, 6), (8, 11)]
