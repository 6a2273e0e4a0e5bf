"""Subtitles of a film as WebVTT (https://www.w3.org/TR/webvtt1/), from the lines of its scenes."""

from collections.abc import Iterable, Mapping

from generation.media.mezzanine import MEZZANINE_FPS

MARGIN = 0.2  # seconds at both ends of a scene without subtitles


def write_captions(chapters: Iterable[Mapping]) -> str:
    """Return the lines of the chapters as WebVTT, each for as long as its scene is shown."""
    cues = [_write_cue(chapter) for chapter in chapters if chapter.get("line")]
    return "\n\n".join(["WEBVTT", *cues]) + "\n"


def _write_cue(chapter: Mapping) -> str:
    start, end = chapter["start"] / MEZZANINE_FPS, chapter["end"] / MEZZANINE_FPS
    margin = min(MARGIN, (end - start) / 4)
    speaker = " ".join(_escape(chapter.get("speaker", "")).split())
    line = " ".join(_escape(chapter["line"]).split())
    text = f"<v {speaker}>{line}" if speaker else line
    return f"{_format_time(start + margin)} --> {_format_time(end - margin)}\n{text}"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _format_time(seconds: float) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}.{milliseconds % 1000:03}"
