"""The sample clips and the sample film of the home page, which ship with the studio."""

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

SECONDS = 4
# name, title, ratio
SHOTS = (
    ("hill", _("The first day of the long holiday"), "16:9"),
    ("moontrain", _("Last train over still water"), "16:9"),
    ("neon-v", _("Rain, and every sign lit"), "9:16"),
    ("ramen", _("Open until the cats go home"), "16:9"),
    ("sakura", _("Petals on platform two"), "16:9"),
    ("lanterns", _("A thousand wishes, one wind"), "9:16"),
    ("carriage", _("The sea, seen from the 17:40"), "16:9"),
    ("starfall-v", _("Two figures look up"), "9:16"),
    ("autumn", _("The shrine steps in November"), "16:9"),
    ("airship", _("Above the weather"), "16:9"),
    ("snow", _("Quiet since morning"), "9:16"),
)
FILM_IDEA = _("A hedgehog opens an umbrella shop in the desert. Nobody comes, until one day it rains.")
FILM_SECONDS = 12
SIZES = {"16:9": (480, 270), "9:16": (420, 747)}  # of the posters


def home_samples() -> list[dict]:
    """Return title, poster_url (with width and height), video_url, seconds and ratio of each sample."""
    return [
        {
            "title": title,
            "poster_url": static(f"art/{name}.webp"),
            "video_url": static(f"demo/{name}.mp4"),
            "seconds": SECONDS,
            "ratio": ratio,
            "width": SIZES[ratio][0],
            "height": SIZES[ratio][1],
        }
        for name, title, ratio in SHOTS
    ]


def home_film(language: str) -> dict:
    """Return the idea of the sample film, panel_url, poster_url, video_url and seconds, in the reader's language.

    `make film` makes its files.
    """
    name = "zh" if language.startswith("zh") else "en"
    return {
        "idea": FILM_IDEA,
        "panel_url": static(f"art/idea-panel-{name}.webp"),
        "poster_url": static(f"art/idea-film-{name}.webp"),
        "video_url": static(f"demo/idea-{name}.mp4"),
        "seconds": FILM_SECONDS,
    }
