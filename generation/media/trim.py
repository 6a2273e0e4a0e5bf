"""Cut a mezzanine to its first seconds, for providers that limit the length of a video."""

from pathlib import Path

from generation.media import ffmpeg
from generation.media.child_process import GIB, ChildLimits, add_input_file, private_directory

LIMITS = ChildLimits(memory=GIB, cpu_seconds=60, wall_seconds=120)


def trim(source: Path, out: Path, *, seconds: float, workdir: Path) -> Path:
    """Write the first ``seconds`` of a mezzanine to ``out``. Packets are copied, nothing is decoded.

    Raises FfmpegFailed or MediaRefused.
    """
    with private_directory(workdir) as directory:
        add_input_file(source, directory, "in")
        ffmpeg.run(
            [
                *ffmpeg.build_untrusted_input("in", "mov", seconds=seconds),
                "-map",
                "0",
                "-c",
                "copy",
                "-map_metadata",
                "-1",
                "-movflags",
                "+faststart",
                "-f",
                "mp4",
                ffmpeg.build_output_name("out"),
            ],
            directory=directory,
            limits=LIMITS,
        )
        (directory / "out").replace(out)
    return out
