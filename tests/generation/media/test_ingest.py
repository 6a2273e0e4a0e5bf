"""Ingest of a clip: its results and its refusals."""

import hashlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from generation.media import mezzanine, poster, preview
from generation.media.errors import Cancelled, MediaRefused
from generation.media.frame import read_frame, save_frame_at, save_last_frame
from generation.media.ingest import KINDS, IngestedClip, ingest
from generation.media.review import Proxy, choose_preview_frames, choose_tile_frames, review_frames


@pytest.fixture(scope="session")
def foreign_clip(plain, tmp_path_factory) -> IngestedClip:
    return ingest(plain, tmp_path_factory.mktemp("foreign"), is_trusted=False)


def write_own_clip(path: Path, *, frames=60, size=(320, 180), draw=None) -> Path:
    """Write our own mezzanine: a light square moving over a gradient, or luma planes from `draw(number)`."""
    width, height = size
    options = {"movflags": "+faststart", "video_track_timescale": "24000"}
    key_frames = mezzanine.forced_key_frames(frames)
    with av.open(str(path), "w", format="mp4", options=options) as container:
        stream = container.add_stream("libx264", rate=24, options=mezzanine.encoder_options())
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        context.sample_aspect_ratio = Fraction(1, 1)
        context.color_primaries = context.color_trc = context.colorspace = context.color_range = 1
        for number in range(frames):
            planes = np.full((height * 3 // 2, width), 128, np.uint8)
            planes[:height] = draw(number) if draw else np.linspace(60, 120, width, dtype=np.uint8)
            if not draw:
                planes[40:80, number : number + 40] = 220
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base, frame.pict_type = number, Fraction(1, 24), int(number in key_frames)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_a_foreign_clip_gets_everything_a_page_needs(foreign_clip, plain):
    assert set(foreign_clip.files) == set(KINDS)
    assert all(path.stat().st_size for path in foreign_clip.files.values())
    assert (foreign_clip.width, foreign_clip.height, foreign_clip.fps, foreign_clip.frames) == (160, 90, 24, 24)
    assert foreign_clip.seconds == 1.0 and foreign_clip.has_sound and foreign_clip.intact
    assert foreign_clip.source.codec == "h264" and foreign_clip.source.container == "mov"
    data = foreign_clip.mezzanine.read_bytes()
    assert foreign_clip.bytes == len(data) and foreign_clip.sha256 == hashlib.sha256(data).hexdigest()
    assert foreign_clip.format_key == mezzanine.format_key(160, 90)


def test_the_folder_contains_only_the_results(foreign_clip):
    assert set(foreign_clip.mezzanine.parent.iterdir()) == set(foreign_clip.files.values())


def test_our_own_clip_is_kept_byte_for_byte(tmp_path):
    source = write_own_clip(tmp_path / "own.mp4")
    ingested = ingest(source, tmp_path, is_trusted=True, expected_frames=60)
    assert ingested.mezzanine.read_bytes() == source.read_bytes()
    assert ingested.source is None and not ingested.has_sound


def test_progress_rises_to_the_total(plain, tmp_path):
    reports = []
    ingest(plain, tmp_path, is_trusted=False, progress=lambda done, total: reports.append((done, total)))
    assert reports[-1] == (1000, 1000)
    assert reports == sorted(reports) and len(reports) >= 3


def test_a_foreign_clip_is_refused_as_trusted(plain, tmp_path):
    with pytest.raises(MediaRefused) as refused:
        ingest(plain, tmp_path, is_trusted=True)
    assert refused.value.code == "not_a_mezzanine"


@pytest.mark.parametrize("is_trusted", [True, False], ids=["our own", "foreign"])
@pytest.mark.parametrize(
    ("code", "draw"),
    [
        ("black", lambda number: 16 + number % 3),
        ("frozen", lambda number: np.linspace(60, 200, 320, dtype=np.uint8)),
    ],
    ids=["black", "frozen"],
)
def test_black_and_frozen_clips_are_refused(tmp_path, code, draw, is_trusted):
    source = write_own_clip(tmp_path / "own.mp4", frames=30, draw=draw)
    with pytest.raises(MediaRefused) as refused:
        ingest(source, tmp_path, is_trusted=is_trusted)
    assert refused.value.code == code


def test_dark_clips_and_small_movements_are_accepted(tmp_path):
    def night(number):
        plane = np.full((180, 320), 17, np.uint8)
        plane[60:100, 100 + number : 140 + number] = 90
        return plane

    def blink(number):
        plane = np.full((180, 320), 120, np.uint8)
        plane[80:90, 150:170] = 40 if number % 20 < 3 else 200
        return plane

    for name, draw in (("night.mp4", night), ("blink.mp4", blink)):
        assert ingest(write_own_clip(tmp_path / name, frames=30, draw=draw), tmp_path, is_trusted=True).frames == 30


def test_a_clip_of_the_wrong_length_is_refused(tmp_path):
    source = write_own_clip(tmp_path / "own.mp4")
    with pytest.raises(MediaRefused) as refused:
        ingest(source, tmp_path, is_trusted=True, expected_frames=120)
    assert refused.value.code == "frames"


def test_a_clip_with_a_damaged_frame_is_refused(tmp_path):
    source = write_own_clip(tmp_path / "own.mp4")
    with av.open(str(source)) as container:
        packets = [(p.pos, p.size) for p in container.demux(container.streams.video[0]) if p.size]
    data = bytearray(source.read_bytes())
    position, size = max(packets[1:], key=lambda packet: packet[1])
    data[position + size // 2] ^= 4  # a lenient decoder would conceal this
    source.write_bytes(data)
    with pytest.raises(MediaRefused) as refused:
        ingest(source, tmp_path, is_trusted=True)
    assert refused.value.code == "undecodable"


def test_a_repaired_foreign_clip_is_marked_not_intact(make_clip, tmp_path):
    source = tmp_path / "scratched.mp4"
    data = bytearray(make_clip("to-scratch.mp4", "-g", "100", size="320x180", seconds=3.0).read_bytes())
    middle = len(data) // 2
    data[middle : middle + 300] = bytes(300)
    source.write_bytes(data)
    assert not ingest(source, tmp_path, is_trusted=False).intact


@pytest.mark.parametrize("is_trusted", [True, False])
def test_a_cancelled_ingest_stops(tmp_path, is_trusted):
    source = write_own_clip(tmp_path / "own.mp4")
    with pytest.raises(Cancelled):
        ingest(source, tmp_path, is_trusted=is_trusted, is_cancelled=lambda: True)
    assert list(tmp_path.iterdir()) == [source]


def test_stills_keep_their_size_and_byte_limits(make_clip, tmp_path):
    noisy = "testsrc2=s={size}:r={rate}:d={seconds},noise=alls=20:allf=t"
    source = make_clip("noisy.mp4", "-crf", "20", "-c:v", "libx264", size="1280x720", seconds=0.21, picture=noisy)
    ingested = ingest(source, tmp_path, is_trusted=False)
    for path, size, limit in (
        (ingested.poster, (640, 360), poster.POSTER_BYTES),
        (ingested.genga, (640, 360), poster.GENGA_BYTES),
        (ingested.poster_large, (1280, 720), poster.LARGE_BYTES),
        (ingested.sprite, (1600, 90), 100_000),
    ):
        assert path.stat().st_size <= limit, path
        with Image.open(path) as image:
            assert (image.format, image.size) == ("WEBP", size)
    assert (ingested.sprite_tiles.tiles, ingested.sprite_tiles.tile_width, ingested.sprite_tiles.tile_height) == (
        10,
        160,
        90,
    )
    assert ingested.preview.stat().st_size <= preview.PREVIEW_BYTES


def test_stills_of_a_small_clip_are_not_enlarged(foreign_clip):
    with Image.open(foreign_clip.poster) as image:
        assert image.size == (160, 90)


def test_the_poster_skips_a_black_opening(tmp_path):
    def fade(number):
        plane = np.full((180, 320), 16, np.uint8)
        if number > 20:
            plane[:] = 90
            plane[::8] = 200
        return plane + np.uint8(number % 2)

    ingested = ingest(write_own_clip(tmp_path / "own.mp4", draw=fade), tmp_path, is_trusted=True)
    with Image.open(ingested.poster) as image:
        assert np.asarray(image.convert("L")).mean() > 60
    assert int(ingested.colour[1:3], 16) > 60


def test_the_poster_prefers_well_exposed_frames(tmp_path):
    def exposure(number):
        base = 235 if number < 12 else 30 if number < 24 else 125  # a key frame lies in each of the three
        plane = np.full((180, 320), base, np.uint8)
        plane[::4] = base - (14 if base == 125 else 20)  # badly exposed frames have more detail
        return plane

    ingested = ingest(write_own_clip(tmp_path / "own.mp4", draw=exposure), tmp_path, is_trusted=True)
    assert 100 < int(ingested.colour[1:3], 16) < 150


def test_clip_colours_come_from_the_poster(tmp_path):
    def halves(number):
        plane = np.full((180, 320), 60, np.uint8)
        plane[:, 160:] = 200
        plane[0:20, number : number + 20] = 128
        return plane

    ingested = ingest(write_own_clip(tmp_path / "own.mp4", draw=halves), tmp_path, is_trusted=True)
    assert len(ingested.colour_grid) == 12
    left, right = int(ingested.colour_grid[8][1:3], 16), int(ingested.colour_grid[11][1:3], 16)
    assert left < 80 < 180 < right
    assert all(len(colour) == 7 and colour.startswith("#") for colour in (ingested.colour, *ingested.colour_grid))


def test_the_line_drawing_is_light_paper_with_dark_lines(foreign_clip):
    with Image.open(foreign_clip.genga) as image:
        lightness = np.asarray(image.convert("L"))
    assert np.quantile(lightness, 0.5) > 200
    assert lightness.min() < 110


def test_the_preview_is_silent_streamable_and_three_seconds_long(tmp_path):
    ingested = ingest(write_own_clip(tmp_path / "own.mp4", frames=120, size=(480, 270)), tmp_path, is_trusted=True)
    data = ingested.preview.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat") and b"Lavf" not in data
    with av.open(str(ingested.preview)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
        stream = container.streams.video[0]
        assert (stream.width, stream.height, float(stream.average_rate)) == (320, 180, 12)
        assert sum(1 for _ in container.decode(stream)) == 36


def test_poster_of_a_continued_clip_is_not_the_frame_it_starts_on():
    proxy = Proxy.of(320, 180, 24)
    plain, detailed = np.full((270, 320), 120, np.uint8), np.full((270, 320), 120, np.uint8)
    detailed[:180:4] = 250
    frames = [detailed if number == 0 else plain + np.uint8(number) for number in range(36)]

    assert review_frames(frames, proxy, 72).best == 0
    assert review_frames(frames, proxy, 72, poster_from=24).best >= 24


def test_tiles_and_preview_cover_clips_of_any_length():
    assert choose_tile_frames(60) == [3, 9, 15, 21, 27, 33, 39, 45, 51, 57]
    assert choose_tile_frames(1) == [0] * 10
    assert choose_preview_frames(60, 12) == range(12, 48)
    assert choose_preview_frames(5, 12) == range(5)
    assert Proxy.of(1920, 800, 24) == Proxy(320, 134, 2, 12.0)


@pytest.mark.parametrize("frames", [1, 2, 5])
def test_clips_of_a_few_frames_are_accepted(tmp_path, frames):
    ingested = ingest(write_own_clip(tmp_path / "own.mp4", frames=frames), tmp_path, is_trusted=True)
    assert ingested.frames == frames
    assert ingested.sprite_tiles.tiles == 10


def test_any_frame_can_be_extracted(tmp_path):
    clip = write_own_clip(tmp_path / "own.mp4", draw=lambda number: 40 + number * 3)

    def measure_level(image: Image.Image) -> float:
        return float(np.asarray(image.convert("L")).mean())

    def get_expected_level(number: int) -> float:
        return (40 + number * 3 - 16) * 255 / 219

    for number in (0, 1, 13, 47, 59):
        assert measure_level(read_frame(clip, number)) == pytest.approx(get_expected_level(number), abs=2)
    with Image.open(save_last_frame(clip, tmp_path / "last.png")) as image:
        assert image.format == "PNG" and image.size == (320, 180)
        assert measure_level(image) == pytest.approx(get_expected_level(59), abs=2)
    for seconds, number in ((0.5, 12), (99, 59), (-1, 0), (1 / 24, 1)):
        with Image.open(save_frame_at(clip, seconds, tmp_path / "at.png")) as image:
            assert measure_level(image) == pytest.approx(get_expected_level(number), abs=2)
    with pytest.raises(MediaRefused):
        read_frame(clip, 60)
