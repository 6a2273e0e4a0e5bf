"""Render works on the home page, and works like the one that a page shows."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _

from common.web.paths import path_of_page
from gallery.access import Opening, works_to_see
from gallery.explore.filters import BY_SCORE
from gallery.explore.pages import fetch_trending
from gallery.explore.similar import find_similar_works

ON_WALL = 12
FEW = 6  # fewer works leave room on the wall, which the samples of the home page fill


def render_home_wall(context) -> str:
    """Return the public works for the slot "home.wall"; "" while there are none, or if visitors may not see them."""
    if settings.GALLERY != Opening.PUBLIC:
        return ""
    works = fetch_trending(works_to_see(context["request"].viewer), "", BY_SCORE, ON_WALL).rows
    if not works:
        return ""
    samples = context.get("samples", [])[: ON_WALL - len(works)] if len(works) < FEW else []
    return render_to_string("gallery/_home_wall.html", {"works": works, "samples": samples})


def render_home_link(context) -> str:
    """Return the link to all works for the slot "home.links"; "" if visitors may not see them."""
    if settings.GALLERY != Opening.PUBLIC:
        return ""
    return format_html('<a href="{}">{}</a>', path_of_page("gallery:explore"), _("Explore"))


def render_similar(context) -> str:
    """Return works like this one, for the slot "work.below"; "" if there are none."""
    works = find_similar_works(context["request"].viewer, context["work"])
    return render_to_string("gallery/_similar.html", {"works": works}) if works else ""
