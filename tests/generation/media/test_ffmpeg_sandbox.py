"""The ffmpeg child process: its files, network, limits and cancellation."""

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
from jobs.worker import startup

LIMITS = ChildLimits(wall_seconds=200, silent_seconds=100)


@pytest.fixture
def directory(tmp_path: Path):
    with private_directory(tmp_path) as directory:
        yield directory


@pytest.fixture
def replace_ffmpeg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Replace ffmpeg with a Python program."""

    def replace(source: str) -> None:
        program = tmp_path / "program"
        program.write_text(f"#!{sys.executable} -IS\n{source}")
        program.chmod(0o700)
        monkeypatch.setattr(ffmpeg, "find_binary", lambda: str(program))

    return replace


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _can_unshare_network() -> bool:
    commands = (["unshare", "-n", "true"], ["unshare", "-Un", "true"])
    return shutil.which("unshare") is not None and any(
        subprocess.run(command, capture_output=True).returncode == 0 for command in commands
    )


def test_the_child_sees_only_its_own_files_and_no_environment(directory, plain, replace_ffmpeg, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "do not show")
    replace_ffmpeg(
        "import json, os, resource, sys\n"
        "names = ('AS', 'CPU', 'FSIZE', 'CORE')\n"
        "limits = {n: resource.getrlimit(getattr(resource, 'RLIMIT_' + n))[1] for n in names}\n"
        "print(json.dumps({'files': os.listdir('.'), 'env': dict(os.environ), 'limits': limits,\n"
        "    'stdin': sys.stdin.read(), 'nice': os.nice(0)}), file=sys.stderr)"
    )
    add_input_file(plain, directory, "in")
    report = json.loads(ffmpeg.run([], directory=directory, limits=LIMITS))
    assert report["files"] == ["in"]
    assert "SECRET_KEY" not in report["env"] and "PATH" not in report["env"]
    assert report["limits"] == {"AS": LIMITS.memory, "CPU": LIMITS.cpu_seconds, "FSIZE": LIMITS.file_bytes, "CORE": 0}
    assert report["stdin"] == "" and report["nice"] == min(19, os.nice(0) + 5)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_the_child_has_no_network(directory, replace_ffmpeg):
    replace_ffmpeg(
        "import os, socket, sys\n"
        "s = socket.socket(); s.settimeout(2)\n"
        "listener = socket.socket(); listener.bind(('127.0.0.1', 0)); listener.listen()\n"
        "try:\n    s.connect(listener.getsockname()); print('connected', file=sys.stderr)\n"
        "except OSError as e: print('no network', file=sys.stderr)"
    )
    if not _can_unshare_network():
        pytest.skip("this system does not let a process leave the network")
    assert "no network" in ffmpeg.run([], directory=directory, limits=LIMITS)


def test_cancelling_kills_the_child_at_once(directory, replace_ffmpeg):
    replace_ffmpeg("import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(600)")
    asked_at = None

    def is_cancelled():
        nonlocal asked_at
        if (directory / "pid").exists() and (directory / "pid").read_text():
            asked_at = asked_at or time.monotonic()
        return asked_at is not None

    with pytest.raises(Cancelled):
        ffmpeg.run([], directory=directory, limits=LIMITS, is_cancelled=is_cancelled)
    assert time.monotonic() - asked_at < 60
    assert not is_alive(int((directory / "pid").read_text()))


def test_a_child_without_progress_is_stopped(directory, replace_ffmpeg):
    replace_ffmpeg(
        "import time\nwhile True:\n"
        "    print('frame=3\\nout_time_us=125000\\nprogress=continue', flush=True)\n    time.sleep(.1)"
    )
    started = time.monotonic()
    with pytest.raises(MediaRefused) as refused:
        ffmpeg.run([], directory=directory, limits=ChildLimits(silent_seconds=0.6))
    assert refused.value.code == "too_costly"
    assert time.monotonic() - started < 30


def test_a_child_that_never_ends_meets_the_wall_clock_limit(directory, replace_ffmpeg):
    replace_ffmpeg(
        "import time, itertools\n"
        "for n in itertools.count():\n    print(f'frame={n}\\nprogress=continue', flush=True)\n    time.sleep(.05)"
    )
    with pytest.raises(MediaRefused) as refused:
        ffmpeg.run([], directory=directory, limits=ChildLimits(wall_seconds=0.7))
    assert refused.value.code == "too_costly"


def test_progress_reports_rising_frame_counts(directory, plain):
    add_input_file(plain, directory, "in")
    reports = []
    arguments = [*ffmpeg.build_untrusted_input("in", "mov"), "-f", "null", "-"]
    ffmpeg.run(arguments, directory=directory, limits=LIMITS, on_progress=reports.append)
    assert reports and reports[-1].frames == 24
    assert [report.frames for report in reports] == sorted(report.frames for report in reports)


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
def test_a_child_that_exceeds_a_limit_is_stopped(directory, long_clip, preset, limits):
    add_input_file(long_clip, directory, "in")
    encode = ["-c:v", "libx264", "-preset", preset, "-rc-lookahead", "250", "-f", "matroska", "file:out"]
    with pytest.raises(MediaRefused) as refused:
        ffmpeg.run([*ffmpeg.build_untrusted_input("in", "mov"), *encode], directory=directory, limits=limits)
    assert refused.value.code == "too_costly"


@pytest.mark.parametrize("demuxer", ["hls", "concat", "dash", "image2", "lavfi", "avi"])
def test_no_other_container_can_be_forced_open(directory, plain, demuxer):
    add_input_file(plain, directory, "in")
    with pytest.raises(FfmpegFailed) as failed:
        ffmpeg.run(
            [*ffmpeg.build_untrusted_input("in", demuxer), "-f", "null", "-"], directory=directory, limits=LIMITS
        )
    assert "whitelist" in failed.value.detail


def test_protective_options_precede_their_input():
    arguments = ffmpeg.build_untrusted_input("in", "mov")
    options = {"-protocol_whitelist": "file", "-format_whitelist": ffmpeg.FORMATS, "-codec_whitelist": ffmpeg.DECODERS,
             "-max_pixels": str(ffmpeg.MAX_PIXELS), "-max_streams": str(ffmpeg.MAX_STREAMS), "-f": "mov"}  # fmt: skip
    for name, value in options.items():
        assert arguments[arguments.index(name) + 1] == value
        assert arguments.index(name) < arguments.index("-i")
    assert arguments[-1] == "file:in"


def test_no_decoder_allocates_too_many_pixels(directory, make_clip, monkeypatch):
    monkeypatch.setattr(ffmpeg, "MAX_PIXELS", 160 * 90 - 1)
    add_input_file(make_clip("small.mp4"), directory, "in")
    with pytest.raises(FfmpegFailed):
        ffmpeg.run([*ffmpeg.build_untrusted_input("in", "mov"), "-f", "null", "-"], directory=directory, limits=LIMITS)


def test_no_other_decoder_can_be_opened(directory, make_clip):
    add_input_file(make_clip("magicyuv.mkv", "-c:v", "magicyuv", "-pix_fmt", "yuv420p"), directory, "in")
    with pytest.raises(FfmpegFailed) as failed:
        ffmpeg.run(
            [*ffmpeg.build_untrusted_input("in", "matroska"), "-f", "null", "-"], directory=directory, limits=LIMITS
        )
    assert "not on whitelist" in failed.value.detail


@pytest.mark.parametrize("name", ["http://127.0.0.1/x", "concat:in|in", "subfile,,start,0,end,0,,:in", "-y"])
def test_an_input_name_is_only_a_file_name(directory, plain, name):
    add_input_file(plain, directory, "in")
    with pytest.raises(FfmpegFailed) as failed:
        ffmpeg.run([*ffmpeg.build_untrusted_input(name, "mov"), "-f", "null", "-"], directory=directory, limits=LIMITS)
    assert "No such file or directory" in failed.value.detail


def test_only_ordinary_files_are_taken_into_a_job(directory, plain, tmp_path):
    link = tmp_path / "link.mp4"
    link.symlink_to(plain)
    with pytest.raises(MediaRefused) as refused:
        add_input_file(link, directory, "in")
    assert refused.value.code == "not_a_file"
    assert not list(directory.iterdir())


@pytest.fixture
def clear_cache():
    """Clear the cached path of ffmpeg before and after the test."""
    ffmpeg.find_binary.cache_clear()
    yield
    ffmpeg.find_binary.cache_clear()


def test_the_pinned_ffmpeg_is_used(clear_cache):
    assert "imageio_ffmpeg" in ffmpeg.find_binary()


def test_an_operator_can_set_another_ffmpeg(clear_cache, monkeypatch, tmp_path):
    other = tmp_path / "ffmpeg"
    other.write_text("#!/bin/sh\necho ' V....D libx264              H.264'\n")
    other.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(other))
    assert ffmpeg.find_binary() == str(other)


@pytest.mark.parametrize(("path", "message"), [("/bin/true", r"cannot write H\.264"), ("/no/ffmpeg", "cannot be run")])
def test_an_ffmpeg_without_h264_is_refused(clear_cache, monkeypatch, path, message):
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", path)
    with pytest.raises(FfmpegUnavailable, match=message):
        ffmpeg.find_binary()


def test_a_missing_ffmpeg_does_not_blame_the_video(directory, monkeypatch):
    monkeypatch.setattr(ffmpeg, "find_binary", lambda: "/no/ffmpeg")
    with pytest.raises(FfmpegUnavailable, match="cannot be run"):
        ffmpeg.run([], directory=directory, limits=LIMITS)


@pytest.mark.django_db  # some checks query the database
@pytest.mark.parametrize("path", ["/bin/true", "/no/ffmpeg"])
def test_workers_do_not_start_with_an_unusable_ffmpeg(clear_cache, monkeypatch, path):
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", path)
    monkeypatch.setattr(work.Command, "handle", lambda *args, **options: pytest.fail("The worker started."))
    with pytest.raises(SystemCheckError, match=rf"IMAGEIO_FFMPEG_EXE must name an ffmpeg .*: \S*{Path(path).name}"):
        call_command("work", skip_checks=False)
    with pytest.raises(CommandError, match="IMAGEIO_FFMPEG_EXE must name an ffmpeg"):
        startup.check_folders()


def test_a_full_disk_is_not_reported_as_a_broken_video(directory, plain):
    add_input_file(plain, directory, "in")
    (directory / "out").symlink_to("/dev/full")
    with pytest.raises(OSError) as caught:
        ffmpeg.run(
            [*ffmpeg.build_untrusted_input("in", "mov"), "-f", "rawvideo", "file:out"],
            directory=directory,
            limits=LIMITS,
        )
    assert caught.value.errno == errno.ENOSPC


def test_a_title_that_mentions_a_full_disk_is_not_a_full_disk(directory, replace_ffmpeg):
    replace_ffmpeg("import sys\nsys.exit('  Metadata:\\n    title           : No space left on device')")
    with pytest.raises(FfmpegFailed):
        ffmpeg.run([], directory=directory, limits=LIMITS, loglevel="info")
