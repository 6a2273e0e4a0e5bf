"""Cached parts are not rendered again, and repeated merges give the same bytes."""

import os
import shutil
import time
from dataclasses import replace

import pytest

from studio.render import clip, decode_check, packets
from studio.render.cache import Cache
from studio.render.merge import merge
from studio.render.plan import Card, Join, JoinKind, Plan
from studio.render.resize import make_once
from tests.matrix import deep_except
from tests.studio.render.clips import SMALL, build_plan, grey_frames, make_mezzanine, merge_plan, tone


@pytest.fixture
def encodings(monkeypatch):
    """The windows encoded so far, one entry each."""
    calls, encode = [], packets.encode

    def encode_and_count(*arguments, **more):
        calls.append(1)
        return encode(*arguments, **more)

    monkeypatch.setattr(packets, "encode", encode_and_count)
    return calls


def test_first_repeated_and_single_threaded_merges_are_identical(shots, tmp_path):
    pieces = (Card("标题", frames=30), *shots[:5])
    joins = [Join(kind, 12) for kind in ("crossfade", "iris", "fade_black", "cut", "push")]
    plan = Plan(SMALL, pieces, tuple(replace(join, kind=JoinKind(join.kind)) for join in joins))

    first = merge_plan(plan, tmp_path)
    content = first.path.read_bytes()
    repeated = merge_plan(plan, tmp_path)
    single_threaded = merge(plan, tmp_path / "alone.mp4", cache=tmp_path / "other", threads=1)

    assert repeated.path.read_bytes() == content
    assert single_threaded.path.read_bytes() == content
    assert first.sha256 == repeated.sha256 == single_threaded.sha256
    assert (first.drawn_windows, repeated.drawn_windows) == (first.windows, 0)


def test_a_repeated_merge_encodes_and_decodes_nothing(shots, tmp_path, encodings, monkeypatch):
    plan = build_plan(shots[:5], "crossfade", 12)
    merge_plan(plan, tmp_path)
    encodings.clear()
    monkeypatch.setattr(decode_check.Clip, "decode_frames", lambda *_: pytest.fail("decoded again"))

    merge_plan(plan, tmp_path)

    assert not encodings


def test_changing_one_transition_renders_one_window(shots, tmp_path, encodings):
    plan = build_plan(shots[:6], "crossfade", 12)
    merge_plan(plan, tmp_path)
    encodings.clear()

    joins = [*plan.joins]
    joins[2] = Join(JoinKind.FADE_WHITE, 12)
    film = merge_plan(replace(plan, joins=tuple(joins)), tmp_path)

    assert len(encodings) == 1 and film.drawn_windows == 1


def test_exchanging_a_clip_renders_its_two_transitions(shots, tmp_path, encodings):
    merge_plan(build_plan(shots[:6], "crossfade", 12), tmp_path)
    encodings.clear()

    merge_plan(build_plan([*shots[:2], shots[7], *shots[3:6]], "crossfade", 12), tmp_path)

    assert len(encodings) == 2


def test_muting_a_scene_renders_nothing(shots, tmp_path, encodings):
    merge_plan(build_plan(shots[:4], "crossfade", 12), tmp_path)
    encodings.clear()

    merge_plan(build_plan([replace(shots[0], sound="muted"), *shots[1:4]], "crossfade", 12), tmp_path)

    assert not encodings


@pytest.mark.parametrize("damage", deep_except(["cut short", "inverted byte", "emptied"], "inverted byte"))
def test_damaged_cache_entries_are_rebuilt(shots, tmp_path, damage):
    plan = build_plan([Card("x", frames=24), *shots[:3]], "crossfade", 12)
    content = merge_plan(plan, tmp_path).path.read_bytes()

    for path in (tmp_path / "cache").rglob("*"):
        if path.is_file():
            entry = bytearray(path.read_bytes())
            if damage == "inverted byte":
                entry[len(entry) // 2] ^= 0xFF
            path.write_bytes({"cut short": entry[:-7], "inverted byte": entry, "emptied": b""}[damage])

    assert merge_plan(plan, tmp_path).path.read_bytes() == content


def test_a_deleted_cache_is_rebuilt(shots, tmp_path):
    plan = build_plan(shots[:3], "crossfade", 12)
    content = merge_plan(plan, tmp_path).path.read_bytes()
    shutil.rmtree(tmp_path / "cache")

    assert merge_plan(plan, tmp_path).path.read_bytes() == content


def test_a_cache_is_shrunk_from_its_oldest_end(tmp_path):
    cache = Cache(tmp_path)
    for number in range(4):
        cache.store("windows", f"key{number}", bytes(1000))
        os.utime(cache.get_path("windows", f"key{number}"), (number, number))
    cache.has("windows", "key0")  # a use counts as new

    remaining = cache.shrink(2100)

    assert remaining < 2100
    assert [cache.load("windows", f"key{number}") is not None for number in range(4)] == [True, False, False, True]


def test_unused_cache_entries_expire(tmp_path):
    cache = Cache(tmp_path)
    for number in range(3):
        cache.store("windows", f"key{number}", bytes(1000))
        os.utime(cache.get_path("windows", f"key{number}"), (time.time() - 100 * number,) * 2)

    remaining = cache.shrink(1_000_000, most_seconds=150)

    assert remaining < 2100
    assert [cache.load("windows", f"key{number}") is not None for number in range(3)] == [True, True, False]


def test_reused_cache_entries_do_not_expire(tmp_path):
    cache, calls = Cache(tmp_path), []

    def make(out):
        calls.append(out.write_bytes(b"film"))

    make_once("key", cache, make)
    cache.store("index", "key", b"index")
    for path in tmp_path.rglob("key*"):
        os.utime(path, (time.time() - 4 * 86400,) * 2)
    make_once("key", cache, make)
    cache.load("index", "key")
    cache.shrink(1_000_000, most_seconds=3 * 86400)

    path, _digest = make_once("key", cache, make)

    assert path.read_bytes() == b"film" and len(calls) == 1
    assert cache.load("index", "key") == b"index"


def test_a_merge_survives_an_emptied_cache(shots, tmp_path, monkeypatch):
    """The cache is also emptied between storing and opening a card or a resized clip."""
    tall = make_mezzanine(tmp_path / "tall.mp4", grey_frames(180), 48, size=(144, 256), pcm=tone(48, 0.3))
    plan = build_plan([Card("x", frames=24), *shots[:2], tall], "crossfade", 12)
    content, cache = merge_plan(plan, tmp_path).path.read_bytes(), Cache(tmp_path / "cache")
    opened, times = clip.Clip.open.__func__, []

    def open_after_clearing(cls, path, *rest):
        if tmp_path / "cache" in path.parents and path not in times:
            times.append(path)
            cache.shrink(0)
        return opened(cls, path, *rest)

    monkeypatch.setattr(clip.Clip, "open", classmethod(open_after_clearing))
    second = merge(plan, tmp_path / "again.mp4", cache=tmp_path / "cache", progress=lambda *_: cache.shrink(0))

    assert len(times) == 2
    assert second.path.read_bytes() == content


def test_unfinished_files_of_a_killed_process_are_removed(tmp_path):
    cache = Cache(tmp_path)
    old, new = cache.unfinished / "1-1", cache.unfinished / "1-2"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))

    cache.remove_unfinished()

    assert not old.exists() and new.exists()
