"""What other sites show of a link to a work: Open Graph, player card, JSON-LD and oEmbed say the same."""

import json
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.duration import duration_iso_string
from django.utils.safestring import SafeString, mark_safe

from gallery.access import Opening
from gallery.models import Work
from gallery.works.credits import get_author_name, get_author_profile, is_made_by_models
from gallery.works.licences import get_licence_page
from gallery.works.media import MediaUrls, get_media_urls, is_open_to_all

CLIP_POSTER, FILM_POSTER = 1280, 640  # the long sides of the largest posters, in pixels
PLAYER_SIDE = 640  # of an embedded player, unless the other site asks for another size
IN_SCRIPTS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
SOURCES = {  # https://schema.org/IPTCDigitalSourceEnumeration
    True: "https://schema.org/TrainedAlgorithmicMediaDigitalSource",
    False: "https://schema.org/AlgorithmicMediaDigitalSource",
}


class Level(StrEnum):
    """How much other sites learn of a work from its page."""

    BARE = "bare"  # nothing: visitors cannot open the page
    SITE = "site"  # only which site this is: unlisted and mature works, and those that are not shown
    FULL = "full"


def get_level(work: Work) -> Level:
    if settings.GALLERY != Opening.PUBLIC:
        return Level.BARE
    is_public = is_open_to_all(work) and work.visibility == Work.Visibility.PUBLIC
    return Level.FULL if is_public else Level.SITE


def fit(width: int, height: int, max_width: int, max_height: int) -> tuple[int, int]:
    """Return the largest size of the same ratio within the limits, at most the size itself, at least one pixel."""
    scale = min(1.0, max_width / width, max_height / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


@dataclass(frozen=True)
class Card:
    """A work as other sites show it; needs ``workspace__home_of`` and ``workspace__profile``.

    Addresses are absolute.
    """

    work: Work

    @cached_property
    def urls(self) -> MediaUrls:
        return get_media_urls(self.work)

    @property
    def address(self) -> str:
        return settings.SITE_URL + self.work.get_absolute_url()

    @property
    def author(self) -> str:
        return get_author_name(self.work)

    @property
    def author_path(self) -> str:
        profile = get_author_profile(self.work)
        return profile.get_absolute_url() if profile else ""

    @property
    def author_address(self) -> str:
        return settings.SITE_URL + self.author_path if self.author_path else ""

    @property
    def author_feed(self) -> str:
        profile = get_author_profile(self.work)
        return settings.SITE_URL + reverse("gallery:profile_feed", args=[profile.handle]) if profile else ""

    @property
    def size(self) -> tuple[int, int]:
        """Return (width, height) of the work in pixels; if it has none, a size of its ratio."""
        if self.work.width and self.work.height:
            return self.work.width, self.work.height
        width, height = (int(part) for part in self.work.ratio.split(":"))
        return width * 80, height * 80

    @property
    def poster_size(self) -> tuple[int, int]:
        side = CLIP_POSTER if self.work.kind == Work.Kind.CLIP else FILM_POSTER
        return fit(*self.size, side, side)

    @property
    def is_embeddable(self) -> bool:
        return bool(self.work.allows_embed and self.urls.film)

    @property
    def embed_address(self) -> str:
        is_unlisted = self.work.visibility == Work.Visibility.UNLISTED
        key = self.work.share_token if is_unlisted else self.work.code
        return settings.SITE_URL + reverse("gallery:embed", args=[key])

    @property
    def embed_size(self) -> tuple[int, int]:
        return fit(*self.size, PLAYER_SIDE, PLAYER_SIDE)

    @property
    def oembed_address(self) -> str:
        query = urlencode({"url": self.address, "format": "json"})
        return f"{settings.SITE_URL}{reverse('gallery:oembed')}?{query}"

    @property
    def json_ld(self) -> SafeString:
        """Return the work as schema.org describes videos, for a <script>: no sign of it can end the element."""
        text = json.dumps(self.describe(), ensure_ascii=False, separators=(",", ":")).translate(IN_SCRIPTS)
        return mark_safe(text)  # noqa: S308 - escaped above

    def describe(self) -> dict:
        work = self.work
        facts = {
            "@context": "https://schema.org",
            "@type": "VideoObject" if self.urls.film else "CreativeWork",
            "name": work.title,
            "description": work.description or work.title,
            "url": self.address,
            "thumbnailUrl": self.urls.poster,
            "uploadDate": work.published_at.isoformat(),
            "duration": duration_iso_string(timedelta(seconds=round(work.seconds))) if work.seconds else "",
            "contentUrl": self.urls.film if work.allows_embed else "",
            "embedUrl": self.embed_address if self.is_embeddable else "",
            "license": get_licence_page(work),
            "creator": {"@type": "Person", "name": self.author, "url": self.author_address or settings.SITE_URL},
            "digitalSourceType": SOURCES[is_made_by_models(work)],
            "isFamilyFriendly": True,
            "interactionStatistic": {
                "@type": "InteractionCounter",
                "interactionType": {"@type": "WatchAction"},
                "userInteractionCount": work.play_count,
            },
        }
        return {name: value for name, value in facts.items() if value != ""}
