"""The wall of the home page: clips that ship with the studio, drawn for it."""

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

# name, title, seconds, ratio class, has a film
SHOTS = (
    ("summer", _("The first day of the long holiday"), 5, "wide", False),
    ("moontrain", _("Last train over still water"), 4, "wide", True),
    ("sakura", _("Petals on platform two"), 4, "wide", True),
    ("neon-v", _("Rain, and every sign lit"), 6, "tall", False),
    ("lighthouse", _("The keeper's night"), 7, "wide", False),
    ("torii", _("Tide going out"), 5, "wide", False),
    ("lanterns", _("A thousand wishes, one wind"), 4, "wide", True),
    ("starfall-v", _("Two figures look up"), 5, "tall", False),
    ("ink", _("Mountains, in four strokes"), 5, "wide", False),
    ("autumn", _("The red bridge in November"), 5, "wide", False),
    ("airship", _("Above the weather"), 6, "wide", False),
    ("snow", _("Quiet since morning"), 5, "wide", False),
)


def wall() -> list[dict]:
    """title, poster_url, video_url (or empty), seconds and ratio of each shot."""
    return [
        {
            "title": title,
            "poster_url": static(f"art/{name}.webp"),
            "video_url": static(f"demo/{name}.mp4") if has_film else "",
            "seconds": seconds,
            "ratio": ratio,
        }
        for name, title, seconds, ratio, has_film in SHOTS
    ]
