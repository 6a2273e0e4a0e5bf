"""Render what other sites and programs read of the gallery's pages, and the number of plays."""

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from gallery.access import Opening
from gallery.models import Work
from gallery.sharing.cards import Card, get_level


def render_work_head(context) -> str:
    """Return the tags for other sites in the head of a work's page, for the slot "work.head"."""
    work = context["work"]
    values = {"level": get_level(work), "card": Card(work), "work": work, "site_url": settings.SITE_URL}
    return render_to_string("gallery/_work_head.html", values)


def render_explore_head(context) -> str:
    """Return the link to the feed of all works or of the tag, and the page's address, for the slot "explore.head"; ""
    in a gallery for members, which has no feeds."""
    if settings.GALLERY != Opening.PUBLIC:
        return ""
    chosen = context["chosen"]
    feed = reverse("gallery:tag_feed", args=[chosen.tag]) if chosen.tag else reverse("gallery:feed")
    is_plain = not (chosen.text or chosen.values or context["after"])
    values = {
        "feed": feed,
        "address": settings.SITE_URL + chosen.get_address(),
        "is_indexed": is_plain,
    }
    return render_to_string("gallery/_explore_head.html", values)


def render_profile_head(context) -> str:
    """Return the link to the feed of a profile, for the slot "profile.head"; "" in a gallery for members."""
    if settings.GALLERY != Opening.PUBLIC:
        return ""
    path = reverse("gallery:profile_feed", args=[context["profile"].handle])
    return render_to_string("gallery/_explore_head.html#feed", {"feed": path})


def render_plays(context) -> str:
    """Return how plays are counted, for the slot "work.side"."""
    work = context["work"]
    if work.kind == Work.Kind.TEMPLATE:
        return ""
    path = reverse("gallery:count_play", args=[work.code]) if work.is_listed else ""
    return render_to_string("gallery/_plays.html", {"path": path})
