"""The ffmpeg child process: what it may see, use and read, and how it is stopped."""

import errno
import json
import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError, SystemCheckError

from generation.media import ffmpeg
from generation.media.child_process import ChildLimits, add_input_file, private_directory
from generation.media.errors import Cancelled, FfmpegFailed, FfmpegUnavailable, MediaRefused
from jobs.management.commands import work
from jobs.worker import supervisor

QUICK = ChildLimits(wall_seconds=200, silent_seconds=100)


@pytest.fixture
def job(tmp_path: Path):
    with private_directory(tmp_path) as directory:
        yield directory


@pytest.fixture
def instead_of_ffmpeg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Replace ffmpeg with a Python program."""

    def put(source: str) -> None:
        program = tmp_path / "program"
        program.write_text(f"#!{sys.executable} -IS\n{source}")
        program.chmod(0o700)
        monkeypatch.setattr(ffmpeg, "find_binary", lambda: str(program))

    return put


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _can_leave_the_network() -> bool:
    ways = (["unshare", "-n", "true"], ["unshare", "-Un", "true"])
    return shutil.which("unshare") is not None and any(
        subprocess.run(way, capture_output=True).returncode == 0 for way in ways
    )


def test_the_child_sees_only_its_own_files_and_no_environment(job, plain, instead_of_ffmpeg, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "do not show")
    instead_of_ffmpeg(
        "import json, os, resource, sys\n"
        "names = ('AS', 'CPU', 'FSIZE', 'CORE')\n"
        "limits = {n: resource.getrlimit(getattr(resource, 'RLIMIT_' + n))[1] for n in names}\n"
        "print(json.dumps({'files': os.listdir('.'), 'env': dict(os.environ), 'limits': limits,\n"
        "    'stdin': sys.stdin.read(), 'nice': os.nice(0)}), file=sys.stderr)"
    )
    add_input_file(plain, job, "in")
    seen = json.loads(ffmpeg.run([], directory=job, limits=QUICK))
    assert seen["files"] == ["in"]
    assert "SECRET_KEY" not in seen["env"] and "PATH" not in seen["env"]
    assert seen["limits"] == {"AS": QUICK.memory, "CPU": QUICK.cpu_seconds, "FSIZE": QUICK.file_bytes, "CORE": 0}
    assert seen["stdin"] == "" and seen["nice"] == min(19, os.nice(0) + 5)
    assert stat.S_IMODE(job.stat().st_mode) == 0o700


def test_the_child_has_no_network(job, instead_of_ffmpeg):
    instead_of_ffmpeg(
        "import os, socket, sys\n"
        "s = socket.socket(); s.settimeout(2)\n"
        "listener = socket.socket(); listener.bind(('127.0.0.1', 0)); listener.listen()\n"
        "try:\n    s.connect(listener.getsockname()); print('connected', file=sys.stderr)\n"
        "except OSError as e: print('no network', file=sys.stderr)"
    )
    if not _can_leave_the_network():
        pytest.skip("this system does not let a process leave the network")
    assert "no network" in ffmpeg.run([], directory=job, limits=QUICK)


def test_cancelling_kills_the_child_at_once(job, instead_of_ffmpeg):
    instead_of_ffmpeg("import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(600)")
    asked = None

    def cancelled():
        nonlocal asked
        if (job / "pid").exists() and (job / "pid").read_text():
            asked = asked or time.monotonic()
        return asked is not None

    with pytest.raises(Cancelled):
        ffmpeg.run([], directory=job, limits=QUICK, is_cancelled=cancelled)
    assert time.monotonic() - asked < 60
    assert not alive(int((job / "pid").read_text()))


def test_a_child_without_progress_is_stopped(job, instead_of_ffmpeg):
    instead_of_ffmpeg(
        "import time\nwhile True:\n"
        "    print('frame=3\\nout_time_us=125000\\nprogress=continue', flush=True)\n    time.sleep(.1)"
    )
    started = time.monotonic()
    with pytest.raises(MediaRefused) as refused:
        ffmpeg.run([], directory=job, limits=ChildLimits(silent_seconds=0.6))
    assert refused.value.code == "too_costly"
    assert time.monotonic() - started < 30


def test_a_child_that_never_ends_meets_the_wall_clock_limit(job, instead_of_ffmpeg):
    instead_of_ffmpeg(
        "import time, itertools\n"
        "for n in itertools.count():\n    print(f'frame={n}\\nprogress=continue', flush=True)\n    time.sleep(.05)"
    )
    with pytest.raises(MediaRefused) as refused:
        ffmpeg.run([], directory=job, limits=ChildLimits(wall_seconds=0.7))
    assert refused.value.code == "too_costly"


def test_progress_reports_rising_frame_counts(job, plain):
    add_input_file(plain, job, "in")
    told = []
    arguments = [*ffmpeg.build_untrusted_input("in", "mov"), "-f", "null", "-"]
    ffmpeg.run(arguments, directory=job, limits=QUICK, on_progress=told.append)
    assert told and told[-1].frames == 24
    assert [now.frames for now in told] == sorted(now.frames for now in told)


@pytest.mark.parametrize(
    ("preset", "limits"),
    [
        ("slow", ChildLimits(memory=300 * 1024 * 1024)),
        ("slow", ChildLimits(memory=250 * 1024 * 1024)),
        ("ultrafast", ChildLimits(file_bytes=20_000)),
        ("slow", ChildLimits(cpu_seconds=1)),
    ],
    ids=["memory", "memory for a start", "file size", "processor time"],
)
def test_a_child_that_exceeds_a_limit_is_stopped(job, long_gray, preset, limits):
    add_input_file(long_gray, job, "in")
    encode = ["-c:v", "libx264", "-preset", preset, "-rc-lookahead", "250", "-f", "matroska", "file:out"]
    with pytest.raises(MediaRefused) as refused:
        ffmpeg.run([*ffmpeg.build_untrusted_input("in", "mov"), *encode], directory=job, limits=limits)
    assert refused.value.code == "too_costly"


@pytest.mark.parametrize("demuxer", ["hls", "concat", "dash", "image2", "lavfi", "avi"])
def test_no_other_container_can_be_forced_open(job, plain, demuxer):
    add_input_file(plain, job, "in")
    with pytest.raises(FfmpegFailed) as failed:
        ffmpeg.run([*ffmpeg.build_untrusted_input("in", demuxer), "-f", "null", "-"], directory=job, limits=QUICK)
    assert "whitelist" in failed.value.detail


def test_protective_options_precede_their_input():
    arguments = ffmpeg.build_untrusted_input("in", "mov")
    walls = {"-protocol_whitelist": "file", "-format_whitelist": ffmpeg.FORMATS, "-codec_whitelist": ffmpeg.DECODERS,
             "-max_pixels": str(ffmpeg.MAX_PIXELS), "-max_streams": str(ffmpeg.MAX_STREAMS), "-f": "mov"}  # fmt: skip
    for name, value in walls.items():
        assert arguments[arguments.index(name) + 1] == value
        assert arguments.index(name) < arguments.index("-i")
    assert arguments[-1] == "file:in"


def test_no_decoder_allocates_too_many_pixels(job, make_clip, monkeypatch):
    monkeypatch.setattr(ffmpeg, "MAX_PIXELS", 160 * 90 - 1)
    add_input_file(make_clip("small.mp4"), job, "in")
    with pytest.raises(FfmpegFailed):
        ffmpeg.run([*ffmpeg.build_untrusted_input("in", "mov"), "-f", "null", "-"], directory=job, limits=QUICK)


def test_no_other_decoder_can_be_opened(job, make_clip):
    add_input_file(make_clip("magicyuv.mkv", "-c:v", "magicyuv", "-pix_fmt", "yuv420p"), job, "in")
    with pytest.raises(FfmpegFailed) as failed:
        ffmpeg.run([*ffmpeg.build_untrusted_input("in", "matroska"), "-f", "null", "-"], directory=job, limits=QUICK)
    assert "not on whitelist" in failed.value.detail


@pytest.mark.parametrize("name", ["http://127.0.0.1/x", "concat:in|in", "subfile,,start,0,end,0,,:in", "-y"])
def test_an_input_name_is_only_a_file_name(job, plain, name):
    add_input_file(plain, job, "in")
    with pytest.raises(FfmpegFailed) as failed:
        ffmpeg.run([*ffmpeg.build_untrusted_input(name, "mov"), "-f", "null", "-"], directory=job, limits=QUICK)
    assert "No such file or directory" in failed.value.detail


def test_only_ordinary_files_are_taken_into_a_job(job, plain, tmp_path):
    link = tmp_path / "link.mp4"
    link.symlink_to(plain)
    with pytest.raises(MediaRefused) as refused:
        add_input_file(link, job, "in")
    assert refused.value.code == "not_a_file"
    assert not list(job.iterdir())


@pytest.fixture
def anew():
    """Clear what is cached about ffmpeg, before and after the test."""
    ffmpeg.find_binary.cache_clear()
    yield
    ffmpeg.find_binary.cache_clear()


def test_the_pinned_ffmpeg_is_used(anew):
    assert "imageio_ffmpeg" in ffmpeg.find_binary()


def test_an_operator_can_set_another_ffmpeg(anew, monkeypatch, tmp_path):
    other = tmp_path / "ffmpeg"
    other.write_text("#!/bin/sh\necho ' V....D libx264              H.264'\n")
    other.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(other))
    assert ffmpeg.find_binary() == str(other)


@pytest.mark.parametrize(("named", "words"), [("/bin/true", r"cannot write H\.264"), ("/no/ffmpeg", "cannot be run")])
def test_an_ffmpeg_without_h264_is_refused(anew, monkeypatch, named, words):
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", named)
    with pytest.raises(FfmpegUnavailable, match=words):
        ffmpeg.find_binary()


def test_a_missing_ffmpeg_does_not_blame_the_video(job, monkeypatch):
    monkeypatch.setattr(ffmpeg, "find_binary", lambda: "/no/ffmpeg")
    with pytest.raises(FfmpegUnavailable, match="cannot be run"):
        ffmpeg.run([], directory=job, limits=QUICK)


@pytest.mark.django_db  # some of the checks ask the database what it can do
@pytest.mark.parametrize("named", ["/bin/true", "/no/ffmpeg"])
def test_workers_do_not_start_with_an_unusable_ffmpeg(anew, monkeypatch, named):
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", named)
    monkeypatch.setattr(work.Command, "handle", lambda *args, **more: pytest.fail("It started."))
    with pytest.raises(SystemCheckError, match=rf"IMAGEIO_FFMPEG_EXE must name an ffmpeg .*: \S*{Path(named).name}"):
        call_command("work", skip_checks=False)
    with pytest.raises(CommandError, match="IMAGEIO_FFMPEG_EXE must name an ffmpeg"):
        supervisor.check_folders()


def test_a_full_disk_is_not_reported_as_a_broken_video(job, plain):
    add_input_file(plain, job, "in")
    (job / "out").symlink_to("/dev/full")
    with pytest.raises(OSError) as full:
        ffmpeg.run(
            [*ffmpeg.build_untrusted_input("in", "mov"), "-f", "rawvideo", "file:out"], directory=job, limits=QUICK
        )
    assert full.value.errno == errno.ENOSPC


def test_a_title_that_mentions_a_full_disk_is_not_a_full_disk(job, instead_of_ffmpeg):
    instead_of_ffmpeg("import sys\nsys.exit('  Metadata:\\n    title           : No space left on device')")
    with pytest.raises(FfmpegFailed):
        ffmpeg.run([], directory=job, limits=QUICK, loglevel="info")
