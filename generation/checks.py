"""What must hold on this machine before films can be read."""

from django.core.checks import Error, Tags, register

from generation.media import ffmpeg


@register(Tags.files)
def ffmpeg_can_be_run(app_configs, **kwargs):
    """Said at the start, by one who can mend it: afterwards every film that comes home would wait for an operator."""
    try:
        ffmpeg.find_binary()
    except RuntimeError as trouble:
        words = "IMAGEIO_FFMPEG_EXE must name an ffmpeg that can write H.264, or be left out"
        return [Error(f"{words}: {trouble}", id="tapwari.E003")]
    return []
