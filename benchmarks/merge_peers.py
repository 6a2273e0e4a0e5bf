"""Merge the same film with MoviePy's composition, ffmpeg's xfade graph, and ffmpeg's copy without transitions."""

from collections.abc import Sequence
from pathlib import Path

import av

from generation.media import ffmpeg

FADE, FPS, SIZE = 0.5, 24, (1280, 720)


def moviepy(out: str, *sources: str) -> None:
    """Merge with MoviePy's own readers, composition and writer, as in its manual."""
    from moviepy import CompositeVideoClip, VideoFileClip, afx, vfx

    placed, at = [], 0.0
    for number, source in enumerate(sources):
        clip = VideoFileClip(source)
        if tuple(clip.size) != SIZE:
            scale = min(SIZE[0] / clip.w, SIZE[1] / clip.h)
            clip = clip.resized((round(clip.w * scale / 2) * 2, round(clip.h * scale / 2) * 2))
        effects = [vfx.CrossFadeIn(FADE)] if number else []
        if clip.audio:
            effects += [afx.AudioFadeIn(FADE), afx.AudioFadeOut(FADE)]
        placed.append(clip.with_effects(effects).with_start(at).with_position("center"))
        at = placed[-1].end - FADE
    film = CompositeVideoClip(placed, size=SIZE)
    place = str(Path(out).parent)
    film.write_videofile(out, fps=FPS, codec="libx264", audio_codec="aac", logger=None, temp_audiofile_path=place)


def xfade(sources: Sequence[Path], preset: str, out: Path) -> list[str]:
    """Return an ffmpeg command with one graph over all clips, at the mezzanines' quality factor and sound bit rate."""
    inputs, graph = [], []
    lengths = [_seconds(source) for source in sources]
    for number, source in enumerate(sources):
        inputs += ["-i", str(source)]
        shape = f"scale={SIZE[0]}:{SIZE[1]}:force_original_aspect_ratio=decrease:force_divisible_by=2"
        pad = f"pad={SIZE[0]}:{SIZE[1]}:(ow-iw)/2:(oh-ih)/2,setsar=1,fps={FPS},format=yuv420p,settb=1/{FPS}"
        graph.append(f"[{number}:v]{shape},{pad}[v{number}]")
        sound = f"[{number}:a]aresample=48000" if _has_sound(source) else f"anullsrc=r=48000,atrim=0:{lengths[number]}"
        graph.append(f"{sound},aformat=channel_layouts=stereo[a{number}]")
    at, picture, sound = 0.0, "v0", "a0"
    for number in range(1, len(sources)):
        at += lengths[number - 1] - FADE
        graph.append(f"[{picture}][v{number}]xfade=duration={FADE}:offset={at},format=yuv420p[x{number}]")
        graph.append(f"[{sound}][a{number}]acrossfade=d={FADE}[y{number}]")
        picture, sound = f"x{number}", f"y{number}"
    encode = ["-c:v", "libx264", "-preset", preset, "-crf", "20", "-c:a", "aac", "-b:a", "160k"]
    graphs = ["-filter_complex", ";".join(graph), "-map", f"[{picture}]", "-map", f"[{sound}]"]
    graphs += [*encode, "-movflags", "+faststart"]
    return [ffmpeg.find_binary(), "-y", "-v", "error", "-nostdin", *inputs, *graphs, str(out)]


def copy(clips: Sequence[Path], listing: Path, out: Path) -> list[str]:
    """Return an ffmpeg command that concatenates the clips without transitions, the least possible work."""
    listing.write_text("".join(f"file '{clip}'\n" for clip in clips))
    source = ["-f", "concat", "-safe", "0", "-i", str(listing), "-c", "copy", "-movflags", "+faststart"]
    return [ffmpeg.find_binary(), "-y", "-v", "error", "-nostdin", *source, str(out)]


def _seconds(source: Path) -> float:
    with av.open(str(source)) as container:
        stream = container.streams.video[0]
        return float((stream.duration or 0) * (stream.time_base or 0))


def _has_sound(source: Path) -> bool:
    with av.open(str(source)) as container:
        return bool(container.streams.audio)
