"""What merging a film costs, against MoviePy's own composition and ffmpeg's xfade graph over the same clips.

CPU seconds of whole process trees, each job in a process of its own; 5 s clips at 720p with half a second of crossfade
at every join, from one source and from eight different ones (the worse of the two counts). Eight clips: medians of
three rounds in turn. 32 clips: MoviePy once, with a line instead under 9 GB of free memory. QUICK=1 does one round of
eight clips of one source. The last line is JSON: `vs_moviepy` ≥ 20, `vs_xfade_medium` ≥ 10, `vs_xfade_veryfast` ≥ 5,
`vs_moviepy_32` ≥ 20, `peak_mb` ≤ 500, `remerge_vs_copy` ≤ 1, `swap_vs_first` ≤ 0.12, `ingest_vs_plain` ≤ 1.25,
`bytes_vs_xfade` ≤ 1.15, `growth` ≤ 1.2 are asked for. `proof_vs_plain` is what decoding a clip once costs beside that:
it is done when a clip arrives (`prepare_clip`), else the first merge it is in does it and is that much slower.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import merge_peers
from generation.media import ffmpeg, mezzanine
from studio.film.merge import merge, prepare_clip
from studio.film.plan import Format, Join, JoinKind, Plan, Shot

FEW, MANY, ROUNDS = 8, 32, 3
MEMORY_FOR_PEERS = 9.0  # GB
FORMAT, FADE = Format(1280, 720), Join(JoinKind.CROSSFADE, 12)


def plan_for(clips: Sequence[Path]) -> Plan:
    shots = []
    for clip in clips:
        facts = json.loads(clip.with_suffix(".json").read_text())
        shots.append(Shot(clip, facts["sha256"], facts["frames"]))
    return Plan(FORMAT, tuple(shots), (FADE,) * (len(shots) - 1))


def bring(source: str, target: str) -> None:
    """The work of a child: one clip comes in, with its posters and preview."""
    from generation.media.ingest import ingest  # here, because a merge does not need it

    with tempfile.TemporaryDirectory() as folder:
        made = ingest(Path(source), Path(folder), trusted=False)
        made.mezzanine.replace(target)
    Path(target).with_suffix(".json").write_text(json.dumps({"sha256": made.sha256, "frames": made.frames}))


def prove(clip: str, cache: str) -> None:
    """The work of another child: a clip that came in is decoded once and listened to, for all films it will be in."""
    facts = json.loads(Path(clip).with_suffix(".json").read_text())
    prepare_clip(Path(clip), facts["sha256"], cache=Path(cache))


def ours(out: str, cache: str, *clips: str) -> None:
    """The work of another child: one merge. Says its own highest memory."""
    merge(plan_for([Path(clip) for clip in clips]), Path(out), cache=Path(cache))
    sys.stdout.write(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


class Lab:
    """Clips, the mezzanines made of them, and a clean cache when one is wanted."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.cache, self.peak = folder, folder / "cache", 0.0
        self.film, self.peer = folder / "film.mp4", folder / "peer.mp4"

    def child(self, *arguments: object) -> float:
        """CPU seconds of a job in a process of its own, its children included."""
        command = [sys.executable, "-m", "benchmarks.merge", *map(str, arguments)]
        return self.run(command)

    def run(self, command: Sequence[str]) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.said = done.stdout
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def arrived(self, source: Path) -> Path:
        """The mezzanine of a clip, proven."""
        target = source.with_name(f"mezzanine-{source.name}")
        if not target.exists():
            self.child("bring", source, target)
            self.child("prove", target, self.cache)
        return target

    def merged(self, clips: Sequence[Path], *, cold: bool) -> float:
        """CPU seconds of a merge; `cold` forgets all windows and all sound."""
        for kind in ("windows", "seen", "sound", "heard") if cold else ():
            subprocess.run(["rm", "-rf", str(self.cache / kind)], check=True)
        cpu = self.child("ours", self.film, self.cache, *clips)
        self.peak = float(self.said)
        return cpu


def compare(lab: Lab, name: str, sources: Sequence[Path], rounds: int) -> dict[str, float]:
    """Ours against the three peers over a few clips: medians of what was measured in turn."""
    clips = [lab.arrived(source) for source in sources]
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        seconds = {"ours": lab.merged(clips, cold=True)}
        for preset in ("medium", "veryfast"):
            seconds[preset] = lab.run(merge_peers.xfade(sources, preset, lab.peer))
        found.setdefault("bytes", []).append(lab.film.stat().st_size / lab.peer.stat().st_size)
        seconds["moviepy"] = lab.child("moviepy", lab.peer, *sources)
        for peer, cpu in seconds.items():
            found.setdefault(peer, []).append(cpu)
        say(f"{name}, {len(sources)} clips, CPU s: " + ", ".join(f"{peer} {cpu:.2f}" for peer, cpu in seconds.items()))
    return {peer: statistics.median(values) for peer, values in found.items()}


def few(lab: Lab, kinds: dict[str, list[Path]], rounds: int) -> tuple[dict[str, float], float]:
    """The figures of eight clips, and what one merge of the first kind costs."""
    found = {name: compare(lab, name, sources, rounds) for name, sources in kinds.items()}
    figures = {
        "vs_moviepy": min(each["moviepy"] / each["ours"] for each in found.values()),
        "vs_xfade_medium": min(each["medium"] / each["ours"] for each in found.values()),
        "vs_xfade_veryfast": min(each["veryfast"] / each["ours"] for each in found.values()),
        "bytes_vs_xfade": max(each["bytes"] for each in found.values()),
        "bytes_vs_xfade_4": bytes_of_four(lab, kinds["one source"][:4]),
    }
    return figures, found["one source"]["ours"]


def bytes_of_four(lab: Lab, sources: Sequence[Path]) -> float:
    """Size against xfade veryfast where the pictures are busy: key frames weigh less there than in still drawings."""
    lab.merged([lab.arrived(source) for source in sources], cold=False)
    lab.run(merge_peers.xfade(sources, "veryfast", lab.peer))
    return lab.film.stat().st_size / lab.peer.stat().st_size


def many(lab: Lab, sources: Sequence[Path], for_few: float) -> dict[str, float]:
    """The figures of 32 clips; the 33rd source is what one of them is exchanged for."""
    clips = [lab.arrived(source) for source in sources]
    film, other = clips[:-1], clips[-1]
    rounds = [again(lab, film, other) for _ in range(ROUNDS)]
    first, repeated, swapped, copied, peak = (statistics.median(values) for values in zip(*rounds, strict=True))
    say(f"{MANY} clips, CPU s: first {first:.2f}, again {repeated:.2f}, one exchanged {swapped:.2f}, copy {copied:.2f}")
    figures = {
        "peak_mb": peak,
        "remerge_vs_copy": repeated / copied,
        "swap_vs_first": swapped / first,
        "growth": (first / (MANY - 1)) / (for_few / (FEW - 1)),
    }
    free = free_memory()
    if free < MEMORY_FOR_PEERS:
        say(f"MoviePy at {MANY} clips skipped: {free:.1f} GB of memory are free, {MEMORY_FOR_PEERS:.0f} are needed.")
        return figures
    moviepy = lab.child("moviepy", lab.peer, *sources[:MANY])
    say(f"{MANY} clips, CPU s: MoviePy {moviepy:.2f}")
    return {**figures, "vs_moviepy_32": moviepy / first}


def again(lab: Lab, film: list[Path], other: Path) -> tuple[float, float, float, float, float]:
    """CPU seconds of a first merge, the same again, one with a clip exchanged, ffmpeg's copy; highest memory in MB."""
    first, peak = lab.merged(film, cold=True), lab.peak
    repeated = lab.merged(film, cold=False)
    middle = len(film) // 2
    swapped = lab.merged([*film[:middle], other, *film[middle + 1 :]], cold=False)
    return first, repeated, swapped, lab.run(merge_peers.copy(film, lab.folder / "list.txt", lab.peer)), peak


def arrival(lab: Lab, sources: Sequence[Path]) -> dict[str, float]:
    """Bringing a clip in, and decoding it once as a proof, each against plain ffmpeg at the same quality."""
    ratios: dict[str, list[float]] = {"ingest_vs_plain": [], "proof_vs_plain": []}
    encode = ["-c:v", "libx264", "-preset", mezzanine.MEZZANINE_PRESET, "-crf", str(mezzanine.MEZZANINE_CRF)]
    for source in sources:
        target, cache = lab.folder / "again.mp4", lab.folder / "again"
        read = [ffmpeg.binary(), "-y", "-v", "error", "-i", str(source)]
        plain = lab.run([*read, *encode, "-c:a", "aac", str(lab.peer)])
        nothing = lab.child("nothing")  # a worker does not start Python for every clip
        brought = lab.child("bring", source, target) - nothing
        proven = lab.child("prove", target, cache) - nothing
        subprocess.run(["rm", "-rf", str(cache)], check=True)
        say(f"{source.name}, CPU s: ffmpeg {plain:.2f}, ingest {brought:.2f}, proof {proven:.2f}")
        ratios["ingest_vs_plain"].append(brought / plain)
        ratios["proof_vs_plain"].append(proven / plain)
    return {key: statistics.median(values) for key, values in ratios.items()}


def free_memory() -> float:
    """Gigabytes that could be had."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable")) / 1024**2


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    from benchmarks import merge_clips

    quick = bool(os.environ.get("QUICK"))
    with tempfile.TemporaryDirectory() as name:
        lab = Lab(Path(name))
        same = merge_clips.one_source(lab.folder, FEW if quick else MANY + 1)
        kinds = {"one source": same[:FEW]}
        if not quick:
            kinds["eight sources"] = merge_clips.eight_sources(lab.folder)
        figures, for_few = few(lab, kinds, 1 if quick else ROUNDS)
        figures |= arrival(lab, same[:3] if quick else same[:FEW])
        if not quick:
            figures |= many(lab, same, for_few)
    say(json.dumps({key: round(value, 3) for key, value in figures.items()}))


if __name__ == "__main__":
    work = {"bring": bring, "prove": prove, "ours": ours, "moviepy": merge_peers.moviepy, "nothing": lambda: None}
    if sys.argv[1:]:
        work[sys.argv[1]](*sys.argv[2:])
    else:
        main()
