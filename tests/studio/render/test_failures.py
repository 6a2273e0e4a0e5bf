"""A failed merge gives a reason, publishes no film and leaves no files."""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from studio.render import transition_effects
from studio.render.cache import Cache
from studio.render.clip import Clip
from studio.render.errors import Cancelled, FilmRefused
from studio.render.merge import merge
from studio.render.prepare import prepare_clip
from tests.matrix import deep_except
from tests.studio.render.clips import build_plan, grey_frames, make_mezzanine, merge_plan, numbered_frames


def copy_shot(shot, folder, name="copy.mp4"):
    """Return a shot with its own file, which a test may damage."""
    path = folder / name
    path.write_bytes(shot.path.read_bytes())
    return replace(shot, path=path)


def assert_nothing_left(folder: Path):
    assert not (folder / "film.mp4").exists()
    assert not list(folder.glob(".film*"))
    unfinished = folder / "cache" / "unfinished"
    assert not unfinished.exists() or not list(unfinished.iterdir())


def expect_refusal(plan, folder) -> FilmRefused:
    with pytest.raises(FilmRefused) as refusal:
        merge_plan(plan, folder)
    assert_nothing_left(folder)
    assert str(refusal.value)[0].isupper() and str(refusal.value).endswith(".")
    return refusal.value


def test_a_missing_clip_is_named(shots, tmp_path):
    missing = replace(shots[1], path=tmp_path / "gone.mp4")

    refusal = expect_refusal(build_plan([shots[0], missing, shots[2]]), tmp_path)

    assert (refusal.code, refusal.piece) == ("missing", 1)


@pytest.mark.parametrize("damage", ["exchanged", "one bit", "cut short", "emptied", "web page"])
def test_a_clip_that_is_not_the_planned_file_is_refused(shots, tmp_path, damage):
    clip = copy_shot(shots[1], tmp_path)
    content = bytearray(clip.path.read_bytes())
    if damage == "one bit":
        content[len(content) // 2] ^= 1
    contents = {
        "exchanged": shots[3].path.read_bytes(),
        "one bit": content,
        "cut short": content[:-100],
        "emptied": b"",
        "web page": b"<!doctype html>" * 20,
    }[damage]
    clip.path.write_bytes(contents)

    refusal = expect_refusal(build_plan([shots[0], clip]), tmp_path)

    assert (refusal.code, refusal.piece) == ("changed", 1)


@pytest.mark.parametrize("damage", ["one bit", "cut short"])
def test_a_clip_damaged_between_two_films_is_refused(shots, tmp_path, damage):
    """Cached results do not replace the check of the file."""
    clip = copy_shot(shots[1], tmp_path)
    merge_plan(build_plan([shots[0], clip]), tmp_path)
    (tmp_path / "film.mp4").unlink()
    content = bytearray(clip.path.read_bytes())
    picture = Clip.open(clip.path, clip.sha256, Cache(tmp_path / "cache")).samples[20]
    content[picture.offset + picture.size // 2] ^= 1
    clip.path.write_bytes({"one bit": content, "cut short": content[:-100]}[damage])

    refusal = expect_refusal(build_plan([shots[0], clip]), tmp_path)

    assert (refusal.code, refusal.piece) == ("changed", 1)


def test_sound_of_a_damaged_clip_is_refused(shots, tmp_path):
    clip = copy_shot(shots[1], tmp_path)
    merge_plan(build_plan([shots[0], replace(clip, sound="muted")]), tmp_path)
    (tmp_path / "film.mp4").unlink()
    content = bytearray(clip.path.read_bytes())
    content[-3] ^= 1  # a byte of the sound
    clip.path.write_bytes(content)

    assert expect_refusal(build_plan([shots[0], clip]), tmp_path).code == "changed"


def test_a_clip_of_unplanned_length_is_refused(shots, tmp_path):
    assert expect_refusal(build_plan([shots[0], replace(shots[1], frames=50)]), tmp_path).code == "frames"


def test_an_undecodable_clip_is_refused(shots, tmp_path):
    """The digest matches, because the clip was damaged before it was stored."""
    import hashlib

    clip = copy_shot(shots[7], tmp_path)
    content = bytearray(clip.path.read_bytes())
    start = content.index(b"mdat") + 5000
    content[start : start + 1500] = bytes(1500)
    clip.path.write_bytes(content)
    clip = replace(clip, sha256=hashlib.sha256(content).hexdigest())

    assert expect_refusal(build_plan([shots[0], clip]), tmp_path).code in ("undecodable", "not_a_mezzanine")


def test_a_video_that_is_not_a_mezzanine_is_refused(tmp_path, shots):
    import hashlib

    from generation.media import ffmpeg

    path = tmp_path / "foreign.mp4"
    source = ["-f", "lavfi", "-i", "testsrc2=s=256x144:r=24:d=2", "-c:v", "mpeg4"]
    subprocess.run([ffmpeg.find_binary(), "-v", "error", *source, str(path)], check=True)
    clip = replace(shots[1], path=path, sha256=hashlib.sha256(path.read_bytes()).hexdigest())

    assert expect_refusal(build_plan([shots[0], clip]), tmp_path).code == "not_a_mezzanine"


def test_a_clip_deleted_during_the_merge_is_still_in_the_film(shots, tmp_path):
    clip = copy_shot(shots[1], tmp_path)
    plan = build_plan([shots[0], clip, shots[2]], "crossfade", 12)
    expected = merge(plan, tmp_path / "meant.mp4", cache=tmp_path / "other").path.read_bytes()

    film = merge_plan(plan, tmp_path, progress=lambda done, _total: done > 150 and clip.path.unlink(missing_ok=True))

    assert not clip.path.exists()
    assert film.path.read_bytes() == expected


def test_a_clip_overwritten_during_the_merge_is_refused(shots, tmp_path):
    clip = copy_shot(shots[1], tmp_path)
    plan = build_plan([shots[0], clip, shots[2]], "crossfade", 12)

    def overwrite(done: int, _total: int) -> None:
        if done >= 150:
            with clip.path.open("r+b") as file:
                file.write(bytes(clip.path.stat().st_size))

    with pytest.raises(FilmRefused) as refusal:
        merge_plan(plan, tmp_path, progress=overwrite)

    assert refusal.value.code in ("changed", "undecodable")
    assert_nothing_left(tmp_path)


def test_a_cancelled_merge_stops_within_a_second_and_leaves_nothing(tmp_path):
    size = (640, 360)
    clips = [
        make_mezzanine(tmp_path / f"{level}.mp4", grey_frames(level), 96, size=size)
        for level in (40, 80, 120, 160, 200)
    ]
    plan = replace(build_plan(clips, "iris", 40), format=type(build_plan(clips).format)(*size))
    stop = threading.Event()
    pressed_at: list[float] = []
    threads = threading.active_count()

    def cancel(done: int, _total: int) -> None:
        if done > 200 and not pressed_at:
            pressed_at.append(time.process_time())
            stop.set()

    with pytest.raises(Cancelled):
        merge_plan(plan, tmp_path, progress=cancel, is_cancelled=stop.is_set)

    assert time.process_time() - pressed_at[0] < 1.5  # CPU time
    assert_nothing_left(tmp_path)
    assert threading.active_count() <= threads


@pytest.mark.parametrize("share", deep_except([0, 100, 500, 899, 950], 500))
def test_a_cancelled_merge_resumes(shots, tmp_path, share):
    plan = build_plan(shots[:5], "crossfade", 12)
    stop = threading.Event()

    with pytest.raises(Cancelled):
        merge_plan(plan, tmp_path, progress=lambda done, _: done >= share and stop.set(), is_cancelled=stop.is_set)
    assert_nothing_left(tmp_path)
    film = merge_plan(plan, tmp_path)

    assert film.frames == plan.frames


def test_progress_only_rises_and_ends_at_its_total(shots, tmp_path):
    reports: list[tuple[int, int]] = []
    threads: set[int] = set()

    def report(done: int, total: int) -> None:
        reports.append((done, total))
        threads.add(threading.get_ident())

    merge_plan(build_plan(shots, "crossfade", 12), tmp_path, progress=report)

    assert reports == sorted(reports) and len(set(reports)) == len(reports)
    assert reports[-1] == (1000, 1000)
    assert threads == {threading.get_ident()}


def test_an_error_in_one_window_ends_the_merge(shots, tmp_path, monkeypatch):
    calls = []

    def fail(*_arguments, **_more):
        calls.append(1)
        raise ZeroDivisionError

    monkeypatch.setattr(transition_effects, "draw", fail)

    with pytest.raises(ZeroDivisionError):
        merge_plan(build_plan(shots, "crossfade", 12), tmp_path)

    assert_nothing_left(tmp_path)


SCRIPT = """
import os, signal, sys
from pathlib import Path
from tests.matrix import deep_except
from tests.studio.render.clips import build_plan
from studio.render.merge import merge
from studio.render.plan import Shot
folder, last = Path(sys.argv[1]), int(sys.argv[2])
shots = [Shot(Path(a), b, int(c)) for a, b, c in (word.split("|") for word in sys.argv[3:])]
def tell(done, whole):
    if done >= last:
        os.kill(os.getpid(), signal.SIGKILL)
merge(build_plan(shots, "crossfade", 12), folder / "film.mp4", cache=folder / "cache", progress=tell)
"""


def start_merge(shots, folder, last=1001, **more):
    """Merge in a child process that kills itself at ``last`` permille of its progress."""
    arguments = [f"{shot.path}|{shot.sha256}|{shot.frames}" for shot in shots]
    command = [sys.executable, "-c", SCRIPT, str(folder), str(last), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)


@pytest.mark.parametrize("share", deep_except([30, 151, 400, 901], 400))
def test_the_next_merge_finishes_a_killed_one(shots, tmp_path, share):
    child = start_merge(shots, tmp_path, last=share)
    child.communicate()
    assert child.returncode == -signal.SIGKILL
    assert not (tmp_path / "film.mp4").exists()

    plan = build_plan([replace(shot, title="") for shot in shots], "crossfade", 12)
    film = merge_plan(plan, tmp_path)

    assert film.path.read_bytes() == merge(plan, tmp_path / "b.mp4", cache=tmp_path / "b").path.read_bytes()


@pytest.mark.parametrize("max_bytes", deep_except([1_000, 30_000, 150_000], 30_000))
def test_a_file_size_limit_reports_a_full_disk_and_leaves_nothing(shots, tmp_path, max_bytes):
    """A limit of the file size raises the errors of a full disk."""
    # coverage would write its own file in the child, which the limit also forbids
    environment = {name: word for name, word in os.environ.items() if not name.startswith("COVERAGE_")}

    def limit_file_size():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (max_bytes, max_bytes))

    child = start_merge(shots, tmp_path, preexec_fn=limit_file_size, env=environment)
    _out, errors = child.communicate(timeout=120)

    assert child.returncode == 1
    assert "The disk is full" in errors.splitlines()[-1]
    assert_nothing_left(tmp_path)


def test_a_full_tmpfs_reports_a_full_disk_and_leaves_nothing(shots, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk can be mounted by root only")
    try:
        with pytest.raises(FilmRefused) as refusal:
            merge_plan(build_plan(shots, "crossfade", 12), disk)
        assert refusal.value.code == "no_space"
        assert_nothing_left(disk)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_clip_can_be_prepared_before_any_film_needs_it(tmp_path, monkeypatch):
    clip = make_mezzanine(tmp_path / "a.mp4", numbered_frames(0), 48)
    prepare_clip(clip.path, clip.sha256, cache=tmp_path / "cache")
    from studio.render import decode_check

    monkeypatch.setattr(decode_check.Clip, "decode_frames", lambda *_a, **_m: pytest.fail("decoded again"))

    assert merge_plan(build_plan([clip]), tmp_path).frames == 48


def test_an_existing_film_is_replaced_only_by_a_complete_one(shots, tmp_path):
    (tmp_path / "film.mp4").write_bytes(b"existing film")

    with pytest.raises(FilmRefused):
        merge_plan(build_plan([replace(shots[0], path=tmp_path / "gone")]), tmp_path)

    assert (tmp_path / "film.mp4").read_bytes() == b"existing film"
