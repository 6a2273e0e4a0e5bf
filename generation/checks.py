"""System check for ffmpeg."""

from django.core.checks import Error, Tags, register

from generation.media import ffmpeg


@register(Tags.files)
def check_ffmpeg(app_configs, **kwargs):
    """Report a missing ffmpeg at the start: without it every clip would fail."""
    try:
        ffmpeg.find_binary()
    except RuntimeError as error:
        message = "IMAGEIO_FFMPEG_EXE must name an ffmpeg that can write H.264, or be left out"
        return [Error(f"{message}: {error}", id="tapwari.E003")]
    return []
