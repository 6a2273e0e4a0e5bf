"""Atom feeds of new works: of all, of a tag, of a profile. Only a gallery that is open to visitors has any."""

from django.contrib.syndication.views import Feed
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, Enclosure
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gallery.models import Work
from gallery.people.access import get_profile
from gallery.sharing.cards import Card
from gallery.sharing.visitors import clean_xml, page_for_visitors, works_for_visitors
from gallery.works.credits import get_author_name
from gallery.works.tags import normalise_tag, with_tag

ENTRIES = 30
CACHE_SECONDS = 300


class NewWorks(Feed):
    """The newest public works, without mature ones, the same for every reader."""

    feed_type = Atom1Feed

    def title(self, obj):
        return _("New works · Tapwari")

    def link(self, obj):
        return reverse("gallery:explore")

    def feed_url(self, obj):
        return reverse("gallery:feed")

    def choose(self, works, obj):
        return works

    def items(self, obj):
        works = self.choose(works_for_visitors(), obj).for_tiles().prefetch_related("work_tags__tag")
        return works.order_by("-published_at", "-id")[:ENTRIES]

    def item_title(self, item: Work) -> str:
        return clean_xml(item.title)  # as plain text

    def item_description(self, item: Work) -> str:
        return escape(clean_xml(item.description))  # as HTML

    def item_link(self, item: Work) -> str:
        return Card(item).address

    def item_author_name(self, item: Work) -> str:
        return clean_xml(Card(item).author)

    def item_author_link(self, item: Work) -> str | None:
        return Card(item).author_address or None

    def item_pubdate(self, item: Work):
        return item.published_at

    def item_updateddate(self, item: Work):
        return item.revised_at or item.published_at

    def item_categories(self, item: Work) -> list[str]:
        return [clean_xml(row.tag.name) for row in item.work_tags.all()]

    def item_enclosures(self, item: Work) -> list[Enclosure]:
        poster = Card(item).urls.poster
        return [Enclosure(poster, "0", "image/webp")] if poster else []


class TagWorks(NewWorks):
    """The newest works with a tag; the object is the tag."""

    def get_object(self, request, tag):
        return tag

    def title(self, obj):
        return f"#{clean_xml(obj)} · Tapwari"

    def link(self, obj):
        return reverse("gallery:tag", args=[obj])

    def feed_url(self, obj):
        return reverse("gallery:tag_feed", args=[obj])

    def choose(self, works, obj):
        return with_tag(works, obj)


class ProfileWorks(NewWorks):
    """The newest works of a profile."""

    def get_object(self, request, profile):
        return profile

    def title(self, obj):
        return f"{clean_xml(get_author_name(obj))} ({obj}) · Tapwari"

    def link(self, obj):
        return obj.get_absolute_url()

    def feed_url(self, obj):
        return reverse("gallery:profile_feed", args=[obj.handle])

    def choose(self, works, obj):
        return works.filter(workspace=obj.workspace_id)


@require_safe
@page_for_visitors
def feed(request):
    return _serve(request, NewWorks())


@require_safe
@page_for_visitors
def tag_feed(request, tag):
    if not tag or normalise_tag(tag) != tag:
        raise Http404
    return _serve(request, TagWorks(), tag=tag)


@require_safe
@page_for_visitors
def profile_feed(request, handle):
    """Return the feed of a profile; that of a former handle leads to it."""
    profile = get_profile(handle)
    if profile.handle != handle:
        return redirect("gallery:profile_feed", profile.handle)
    return _serve(request, ProfileWorks(), profile=profile)


def _serve(request, shown: NewWorks, **arguments):
    response = shown(request, **arguments)
    response.headers["Cache-Control"] = f"public, max-age={CACHE_SECONDS}"
    return response
