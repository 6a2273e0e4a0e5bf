"""The sample clips of the home page, which ship with the studio."""

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

# name, title, seconds, ratio, has a video
SHOTS = (
    ("summer", _("The first day of the long holiday"), 5, "16:9", False),
    ("moontrain", _("Last train over still water"), 4, "16:9", True),
    ("sakura", _("Petals on platform two"), 4, "16:9", True),
    ("neon-v", _("Rain, and every sign lit"), 6, "9:16", False),
    ("lighthouse", _("The keeper's night"), 7, "4:3", False),
    ("torii", _("Tide going out"), 5, "16:9", False),
    ("lanterns", _("A thousand wishes, one wind"), 4, "9:16", True),
    ("starfall-v", _("Two figures look up"), 5, "9:16", False),
    ("ink", _("Mountains, in four strokes"), 5, "16:9", False),
    ("autumn", _("The red bridge in November"), 5, "16:9", False),
    ("airship", _("Above the weather"), 6, "16:9", False),
    ("snow", _("Quiet since morning"), 5, "9:16", False),
)
SIZES = {"16:9": (480, 270), "9:16": (420, 747), "4:3": (480, 360)}  # of the posters


def home_samples() -> list[dict]:
    """Return title, poster_url (with width and height), video_url (or empty), seconds and ratio of each sample."""
    return [
        {
            "title": title,
            "poster_url": static(f"art/{name}.webp"),
            "video_url": static(f"demo/{name}.mp4") if has_video else "",
            "seconds": seconds,
            "ratio": ratio,
            "width": SIZES[ratio][0],
            "height": SIZES[ratio][1],
        }
        for name, title, seconds, ratio, has_video in SHOTS
    ]
