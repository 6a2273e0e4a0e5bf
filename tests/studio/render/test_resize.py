"""Clips of all sizes, rates and formats are merged frame by frame."""

import hashlib
import subprocess
from dataclasses import replace

import av
import pytest

from generation.media import ffmpeg, mezzanine
from generation.media.ingest import ingest
from studio.render import resize
from studio.render.errors import FilmRefused
from studio.render.plan import Format, Shot
from tests.matrix import deep_except
from tests.studio.render.clips import (
    HEIGHT,
    SMALL,
    WIDTH,
    build_plan,
    grey_frames,
    make_mezzanine,
    merge_plan,
    numbered_frames,
    read_lumas,
    read_numbers,
    read_sound,
    tone,
)


@pytest.fixture(scope="module")
def tall_clip(tmp_path_factory):
    path = tmp_path_factory.mktemp("tall") / "tall.mp4"
    return make_mezzanine(path, grey_frames(180), 48, size=(144, 256), pcm=tone(48, 0.3))


def test_a_tall_clip_is_padded_with_black(shots, tall_clip, tmp_path):
    film = merge_plan(build_plan([shots[0], tall_clip, shots[2]], "crossfade"), tmp_path)

    picture = list(read_lumas(film.path))[70]

    assert film.frames == 60 + 48 + 72 - 24
    assert picture.shape == (HEIGHT, WIDTH)
    assert picture[:, :80].mean() == pytest.approx(16, abs=1) and picture[:, -80:].mean() == pytest.approx(16, abs=1)
    assert picture[20:100, 110:146].mean() == pytest.approx(180, abs=2)


def test_a_full_disk_in_ffmpeg_blames_no_clip(shots, tall_clip, tmp_path, ffmpeg_without_room):
    with ffmpeg_without_room(), pytest.raises(FilmRefused) as refusal:
        merge_plan(build_plan([shots[0], tall_clip]), tmp_path)

    assert (refusal.value.code, refusal.value.piece) == ("no_space", None)


def test_a_tall_clip_is_cropped_if_that_is_chosen(shots, tall_clip, tmp_path):
    film = merge_plan(build_plan([shots[0], replace(tall_clip, fit="crop")]), tmp_path)

    assert list(read_lumas(film.path))[80][:, 10:].mean() == pytest.approx(180, abs=3)


def test_a_changed_clip_is_reported_as_changed(shots, tall_clip, tmp_path):
    copy = replace(tall_clip, path=tmp_path / "copy.mp4")
    copy.path.write_bytes(tall_clip.path.read_bytes())
    merge_plan(build_plan([shots[0], copy]), tmp_path)
    content = bytearray(copy.path.read_bytes())
    content[len(content) // 2] ^= 255
    copy.path.write_bytes(content)

    with pytest.raises(FilmRefused) as refusal:
        merge_plan(build_plan([shots[0], replace(copy, fit="crop")]), tmp_path)
    assert refusal.value.code == "changed"


def test_a_resized_clip_keeps_its_sound_and_every_frame(tall_clip, tmp_path):
    def paint_number(number, luma):
        luma[:] = 40 + 3 * number
        luma[:8, number : number + 8] = 200

    clip = make_mezzanine(tmp_path / "count.mp4", paint_number, 50, size=(320, 240), pcm=tone(50, 0.3))
    film = merge_plan(build_plan([clip], is_levelled=False), tmp_path)

    middles = [picture[60:90, 100:150].mean() for picture in read_lumas(film.path)]

    assert middles == pytest.approx([40 + 3 * number for number in range(50)], abs=1.2)
    assert read_sound(film.path)[20000:80000].std() == pytest.approx(0.3 / 2**0.5, rel=0.05)


def test_a_clip_is_resized_once(shots, tall_clip, tmp_path, monkeypatch):
    merge_plan(build_plan([shots[0], tall_clip]), tmp_path)
    monkeypatch.setattr(resize.ffmpeg, "run", lambda *_a, **_m: pytest.fail("resized again"))

    assert merge_plan(build_plan([tall_clip, shots[0]]), tmp_path).frames == 108


def reencode(shot: Shot, path, *settings: str) -> Shot:
    """Reencode a clip with other settings of ffmpeg. The sound is copied."""
    encode = ["-c:v", "libx264", "-crf", "12", *settings, "-c:a", "copy", "-video_track_timescale", "24000"]
    subprocess.run([ffmpeg.find_binary(), "-y", "-v", "error", "-i", str(shot.path), *encode, str(path)], check=True)
    return replace(shot, path=path, sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def test_a_clip_with_other_encoder_settings_is_reencoded_whole(shots, tmp_path):
    """Packets of mezzanines of an earlier version cannot be joined with today's."""
    other = reencode(shots[1], tmp_path / "other.mp4", "-x264-params", "ref=4:bframes=0:8x8dct=0")
    plan = build_plan([shots[0], other, shots[2]], "crossfade", 12)

    film = merge_plan(plan, tmp_path)

    assert film.frames == plan.frames
    numbers = [shown.all for shown in read_numbers(film.path)]
    assert all((1, number) in numbers[plan.starts[1] + number] for number in range(shots[1].frames))
    assert merge_plan(plan, tmp_path).drawn_windows == 0


def test_a_clip_with_other_key_frames_is_copied(shots, tmp_path, monkeypatch):
    monkeypatch.setattr(mezzanine, "HEAD_KEY_FRAMES", (0.25, 1.0))
    older = make_mezzanine(tmp_path / "older.mp4", numbered_frames(1), 60)
    monkeypatch.undo()

    film = merge_plan(build_plan([shots[0], older], "crossfade", 6), tmp_path)

    assert film.copied > film.frames - 12
    assert [shown.all for shown in read_numbers(film.path)][54 + 6 :] == [{(1, number)} for number in range(6, 60)]


SOURCES = {
    "wide 24": (["-i", "testsrc2=s=256x144:r=24:d=2"], []),
    "tall 30 without sound": (["-i", "testsrc2=s=144x256:r=30:d=2"], ["-an"]),
    "odd sides": (["-i", "testsrc2=s=201x113:r=25:d=2"], ["-pix_fmt", "yuv444p"]),
    "slow": (["-i", "testsrc2=s=208x120:r=16:d=2"], []),
    "60 with open groups": (["-i", "testsrc2=s=256x144:r=60:d=2"], ["-x264-params", "open-gop=1:keyint=30"]),
    "ten bits": (["-i", "testsrc2=s=256x144:r=24:d=2"], ["-pix_fmt", "yuv420p10le"]),
    "full range": (["-i", "testsrc2=s=256x144:r=24:d=2"], ["-vf", "scale=out_range=pc", "-color_range", "pc"]),
    "variable rate": (["-i", "testsrc2=s=256x144:r=24:d=2"], ["-vf", "select='mod(n,3)'", "-fps_mode", "vfr"]),
    "rotated": (["-i", "testsrc2=s=144x256:r=24:d=2"], []),
}


def ingest_source(folder, name: str) -> Shot:
    picture, settings = SOURCES[name]
    source = folder / f"{name}.mp4"
    command = [
        ffmpeg.find_binary(),
        "-y",
        "-v",
        "error",
        "-f",
        "lavfi",
        *picture,
        "-f",
        "lavfi",
        "-i",
        "sine=f=500:d=2",
    ]
    formats = [] if "-pix_fmt" in settings else ["-pix_fmt", "yuv420p"]
    subprocess.run([*command, "-c:v", "libx264", *formats, *settings, str(source)], check=True)
    if name == "rotated":
        unrotated = source.rename(folder / "plain.mp4")
        rotate = ["-display_rotation", "90", "-i", str(unrotated), "-c", "copy", str(source)]
        subprocess.run([ffmpeg.find_binary(), "-y", "-v", "error", *rotate], check=True)
    workdir = folder / f"{name} in"
    workdir.mkdir()
    ingested = ingest(source, workdir, is_trusted=False)
    return Shot(ingested.mezzanine, ingested.sha256, ingested.frames, title=name)


@pytest.mark.slow
@pytest.mark.deep
def test_nine_kinds_of_clips_make_one_film(tmp_path):
    pieces = [ingest_source(tmp_path, name) for name in SOURCES]
    plan = build_plan(pieces, "crossfade", 12)

    film = merge_plan(plan, tmp_path)
    pictures = list(read_lumas(film.path))
    command = [ffmpeg.find_binary(), "-v", "error", "-xerror", "-err_detect", "explode", "-i", str(film.path)]
    completed = subprocess.run([*command, "-f", "null", "-"], capture_output=True, text=True)

    assert all(abs(piece.frames - 48) <= 1 for piece in pieces)
    assert len(pictures) == film.frames == sum(piece.frames for piece in pieces) - 8 * 12
    assert completed.returncode == 0 and not completed.stderr
    assert film.format_key == SMALL.key


SHAPES = [(1280, 720), (720, 1280), (720, 720), (1080, 1080), (1920, 1080), (1080, 1920)]


@pytest.mark.parametrize("size", deep_except(SHAPES, (720, 720)), ids="{0[0]}x{0[1]}".format)
def test_films_of_all_shapes_are_playable_in_browsers(tmp_path, size):
    clip = make_mezzanine(tmp_path / "a.mp4", grey_frames(100), 30, size=size)
    other = make_mezzanine(tmp_path / "b.mp4", grey_frames(150), 30)
    plan = replace(build_plan([clip, other, clip], "wipe", 6), format=Format(*size))

    film = merge_plan(plan, tmp_path)

    assert film.frames == 78
    assert next(read_lumas(film.path)).shape == (size[1], size[0])
    assert hashlib.sha256(film.path.read_bytes()).hexdigest() == film.sha256
    with av.open(str(film.path)) as container:
        (picture,), (sound,) = container.streams.video, container.streams.audio
        assert (picture.codec.canonical_name, picture.pix_fmt, picture.profile) == ("h264", "yuv420p", "High")
        profile, level = picture.codec_context.extradata[1], picture.codec_context.extradata[3]
        assert profile == 100 and 30 <= level <= 42
        assert (sound.codec.canonical_name, sound.profile, sound.rate) == ("aac", "LC", 48_000)
