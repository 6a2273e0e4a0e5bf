"""The settings of a story's film."""

from studio.models import FilmSettings, Story


def get_film_settings(story: Story) -> FilmSettings:
    """Return the film settings of the story, or unsaved default settings if nobody has changed any."""
    found = FilmSettings.objects.select_related("music__job").filter(story=story).first()
    return found or _build_default_settings(story)


def get_joined_film_settings(story: Story) -> FilmSettings:
    """Return the film settings as get_film_settings does, for a story that was loaded with its ``film_settings``."""
    return getattr(story, "film_settings", None) or _build_default_settings(story)


def _build_default_settings(story: Story) -> FilmSettings:
    return FilmSettings(story=story, resolution=1080 if story.resolution >= 1080 else 720)
