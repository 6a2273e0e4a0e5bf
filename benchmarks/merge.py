"""Compare the cost of merging a film with MoviePy's composition and ffmpeg's xfade graph over the same clips.

Measures CPU seconds of whole process trees; 5 s clips at 720p with half a second of crossfade at every join, from one
source and from eight different ones (the slower of the two counts). Eight clips: medians of three rounds. 32 clips:
MoviePy once, or a message under 9 GB of free memory. It takes about twelve minutes on two cores; QUICK=1 does one round
of eight clips of one source. Each measurement is pinned to one core, two run in parallel (`merge_lab`).

The last line is JSON. The goals are `vs_moviepy` ≥ 20, `vs_xfade_medium` ≥ 10, `vs_xfade_veryfast` ≥ 5, `vs_moviepy_32`
≥ 20, `peak_mb` ≤ 500, `remerge_vs_copy` ≤ 1, `swap_vs_first` ≤ 0.12, `ingest_vs_plain` ≤ 1.25, `bytes_vs_xfade` ≤ 1.15,
`growth` ≤ 1.2. `proof_vs_plain` is the cost of decoding a clip once and measuring its sound. That is done when a take
is ready (`studio/films/prefetch.py`), as is resizing it to the film's format; otherwise the first merge does it and is
that much slower.
"""

import json
import os
import shutil
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks import merge_peers
from benchmarks.merge_lab import free_memory, log, run, run_job, run_pinned
from generation.media import ffmpeg, mezzanine

FEW, MANY, ROUNDS = 8, 32, 3
MEMORY_FOR_PEERS = 9.0  # GB
ONE, EIGHT = "one source", "eight sources"


@dataclass
class Lab:
    """Sources, their mezzanines, and the measurements: (kind of clips, name) → one value per round."""

    folder: Path
    found: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))

    def create_folder(self, name: str) -> Path:
        """Create a folder for one measurement."""
        return Path(tempfile.mkdtemp(prefix=f"{name.replace(' ', '-')}-", dir=self.folder))

    def copy_cache(self) -> Path:
        """Return a copy of the cache as it was after the clips were ingested, before any film was merged."""
        return Path(shutil.copytree(self.folder / "cache", self.create_folder("cache") / "cache"))

    def median(self, kind: str, name: str) -> float:
        return statistics.median(self.found[kind, name])


def mezzanine_path(source: Path) -> Path:
    return source.with_name(f"mezzanine-{source.name}")


def ingest_clip(lab: Lab, source: Path, *, is_compared: bool) -> None:
    """Ingest a clip. `is_compared`: also encode it with plain ffmpeg at the same quality."""
    first = [lab.folder / "tiny.mp4"] if is_compared else []
    cost = run_job("ingest", source, mezzanine_path(source), lab.folder / "cache", *first)
    costs = json.loads(cost.output)
    line = f"{source.name} ingested, CPU s: ingest {costs['ingest']:.2f}, preparation {costs['proof']:.2f}"
    if is_compared:
        encode = ["-c:v", "libx264", "-preset", mezzanine.MEZZANINE_PRESET, "-crf", str(mezzanine.MEZZANINE_CRF)]
        out = lab.create_folder("plain") / "out.mp4"
        read = [ffmpeg.find_binary(), "-y", "-v", "error", "-threads", "2", "-i", source]
        plain = run([*read, *encode, "-c:a", "aac", out]).cpu
        line += f", plain ffmpeg {plain:.2f}"
        lab.found["arrival", "ingest"].append(costs["ingest"] / plain)
        lab.found["arrival", "proof"].append(costs["proof"] / plain)
        shutil.rmtree(out.parent)
    log(line)


def measure_first_merge(lab: Lab, kind: str, sources: Sequence[Path]) -> None:
    """Measure our merge when only the clips are cached, and ffmpeg's graph at two presets."""
    folder = lab.create_folder(kind)
    film, peer = folder / "film.mp4", folder / "peer.mp4"
    costs = {"ours": run_job("merge", film, lab.copy_cache(), *map(mezzanine_path, sources)).cpu}
    for preset in ("medium", "veryfast"):
        costs[preset] = run(merge_peers.xfade(sources, preset, peer)).cpu
    for name, cpu in costs.items():
        lab.found[kind, name].append(cpu)
    lab.found[kind, "bytes"].append(film.stat().st_size / peer.stat().st_size)
    log(f"{len(sources)} clips, {kind}, CPU s: " + ", ".join(f"{name} {cpu:.2f}" for name, cpu in costs.items()))
    shutil.rmtree(folder)


def measure_moviepy(lab: Lab, kind: str, sources: Sequence[Path]) -> None:
    free = free_memory()
    if len(sources) > FEW and free < MEMORY_FOR_PEERS:
        message = f"MoviePy with {len(sources)} clips skipped: {free:.1f} GB of memory are free"
        return log(f"{message}, {MEMORY_FOR_PEERS:.0f} are needed.")
    log(f"{len(sources)} clips, {kind}: MoviePy starts")
    folder = lab.create_folder("moviepy")
    cost = run_job("moviepy", folder / "peer.mp4", *sources)
    lab.found[kind, "moviepy" if len(sources) == FEW else "moviepy_many"].append(cost.cpu)
    log(f"{len(sources)} clips, {kind}: MoviePy {cost.cpu:.2f} CPU s, {cost.peak_mb:.0f} MB")
    shutil.rmtree(folder)
    return None


def measure_repeats(lab: Lab, sources: Sequence[Path]) -> None:
    """Measure merges of many clips: the first, the same again, one with another clip in it, and ffmpeg's copy."""
    *film, other = map(mezzanine_path, sources)
    folder, cache = lab.create_folder("repeats"), lab.copy_cache()
    out = folder / "film.mp4"
    cost = run_job("merge", out, cache, *film)
    costs = {"first": cost.cpu, "repeated": run_job("merge", out, cache, *film).cpu}
    costs["copy"] = run(merge_peers.copy(film, folder / "list.txt", folder / "peer.mp4")).cpu
    index = len(film) // 2
    costs["swapped"] = run_job("merge", out, cache, *film[:index], other, *film[index + 1 :]).cpu
    for name, cpu in costs.items():
        lab.found["many", name].append(cpu)
    lab.found["many", "peak"].append(cost.peak_mb)
    log(f"{MANY} clips, CPU s: " + ", ".join(f"{name} {cpu:.2f}" for name, cpu in costs.items()))
    shutil.rmtree(folder)


def measure(lab: Lab, kinds: dict[str, list[Path]], many: list[Path], rounds: int) -> None:
    """Run all measurements, longest first, so that both cores finish at the same time."""
    jobs: list[Callable[[], None]] = [partial(measure_moviepy, lab, ONE, many[:MANY])] if many else []
    for _ in range(rounds):
        jobs += (partial(measure_moviepy, lab, kind, sources) for kind, sources in kinds.items())
        jobs += (partial(measure_first_merge, lab, kind, sources) for kind, sources in kinds.items())
    jobs += [partial(measure_repeats, lab, many)] * rounds if many else []
    run_pinned(jobs)


def figures(lab: Lab, kinds: Sequence[str], *, has_many: bool) -> dict[str, float]:
    """Return the figures that are printed as the last line."""

    def compute_lowest_ratio(peer: str) -> float:
        return min(lab.median(kind, peer) / lab.median(kind, "ours") for kind in kinds)

    found = {
        "vs_moviepy": compute_lowest_ratio("moviepy"),
        "vs_xfade_medium": compute_lowest_ratio("medium"),
        "vs_xfade_veryfast": compute_lowest_ratio("veryfast"),
        "ingest_vs_plain": lab.median("arrival", "ingest"),
        "proof_vs_plain": lab.median("arrival", "proof"),
        "bytes_vs_xfade": max(lab.median(kind, "bytes") for kind in kinds),
    }
    if has_many:
        first = lab.median("many", "first")
        found |= {
            "peak_mb": lab.median("many", "peak"),
            "remerge_vs_copy": lab.median("many", "repeated") / lab.median("many", "copy"),
            "swap_vs_first": lab.median("many", "swapped") / first,
            "growth": (first / (MANY - 1)) / (lab.median(ONE, "ours") / (FEW - 1)),
        }
        if lab.found[ONE, "moviepy_many"]:
            found["vs_moviepy_32"] = lab.median(ONE, "moviepy_many") / first
    return {key: round(value, 3) for key, value in found.items()}


def main() -> None:
    is_quick = bool(os.environ.get("QUICK"))
    with tempfile.TemporaryDirectory() as name:
        lab = Lab(Path(name))
        log("Drawing the clips")
        run_job("draw", lab.folder, FEW if is_quick else MANY + 1, *["quick"][:is_quick])
        same, mixed = sorted(lab.folder.glob("one*.mp4")), sorted(lab.folder.glob("eight*.mp4"))
        kinds = {ONE: same[:FEW]} | ({EIGHT: mixed} if mixed else {})
        log("Ingesting the clips")
        rest = [*same[FEW:], *kinds.get(EIGHT, [])]
        run_pinned(
            [partial(ingest_clip, lab, source, is_compared=True) for source in same[:FEW]]
            + [partial(ingest_clip, lab, source, is_compared=False) for source in rest]
        )
        measure(lab, kinds, [] if is_quick else same, 1 if is_quick else ROUNDS)
        line = json.dumps(figures(lab, list(kinds), has_many=not is_quick))
    print(line)  # noqa: T201


if __name__ == "__main__":
    main()
