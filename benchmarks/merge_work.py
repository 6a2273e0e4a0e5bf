"""Jobs of the merge benchmark, each run in a process that imports only what it needs."""

import json
import resource
import sys
from collections.abc import Sequence
from pathlib import Path

SIZE = (1280, 720)


def draw(folder: str, count: str, is_quick: str = "") -> None:
    """Draw the clips in a child process, because a process starts with the peak memory of its parent."""
    from benchmarks import merge_clips

    merge_clips.create_one_source(Path(folder), int(count))
    if not is_quick:
        merge_clips.create_eight_sources(Path(folder))
    merge_clips.create_tiny_clip(Path(folder) / "tiny.mp4")


def ingest_clip(source: str, target: str, cache: str, first: str = "") -> None:
    """Ingest a clip with its posters and preview, and prepare it for a film (`studio/films/prefetch.py`).

    Prints the CPU seconds of both for a warm worker: the small clip `first` is ingested before to warm up.
    """
    import tempfile

    from generation.media import ffmpeg
    from generation.media.ingest import ingest
    from studio.render.plan import Format
    from studio.render.prepare import prepare_clip

    ffmpeg.find_binary()
    with tempfile.TemporaryDirectory(dir=Path(target).parent) as folder:
        if first:
            (Path(folder) / "first").mkdir()
            ingest(Path(first), Path(folder) / "first", is_trusted=False)
        before = measure_cpu()
        clip = ingest(Path(source), Path(folder), is_trusted=False)
        ingested = measure_cpu()
        clip.mezzanine.replace(target)
    ready = measure_cpu()
    prepare_clip(Path(target), clip.sha256, cache=Path(cache), format=Format(*SIZE))
    Path(target).with_suffix(".json").write_text(json.dumps({"sha256": clip.sha256, "frames": clip.frames}))
    sys.stdout.write(json.dumps({"ingest": ingested - before, "proof": measure_cpu() - ready}))


def merge_clips_once(out: str, cache: str, *clips: str) -> None:
    """Merge once, with twelve frames of crossfade at every join."""
    from studio.render.merge import merge

    merge(build_plan([Path(clip) for clip in clips]), Path(out), cache=Path(cache))


def build_plan(clips: Sequence[Path]):
    from studio.render.plan import Format, Join, JoinKind, Plan, Shot

    shots = []
    for clip in clips:
        facts = json.loads(clip.with_suffix(".json").read_text())
        shots.append(Shot(clip, facts["sha256"], facts["frames"]))
    return Plan(Format(*SIZE), tuple(shots), (Join(JoinKind.CROSSFADE, 12),) * (len(shots) - 1))


def moviepy(out: str, *sources: str) -> None:
    from benchmarks.merge_peers import moviepy as compose

    compose(out, *sources)


def measure_cpu() -> float:
    """Return the CPU seconds used so far by this process and by its children that have ended."""
    usages = (resource.getrusage(owner) for owner in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    {"draw": draw, "ingest": ingest_clip, "merge": merge_clips_once, "moviepy": moviepy}[sys.argv[1]](*sys.argv[2:])
