"""What search engines read first: robots.txt, and the list of all public works in parts of 10,000."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.sitemaps import Sitemap, views
from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import Truncator
from django.views.decorators.http import require_safe

from gallery.access import Opening
from gallery.models import Work
from gallery.sharing.cards import Card
from gallery.sharing.visitors import clean_xml, page_for_visitors, works_for_visitors

PART = 10_000  # works
CLOSED = "User-agent: *\nDisallow: /\n"
OPEN = """User-agent: *
Disallow: /account/
Disallow: /settings/
Disallow: /operator/
Disallow: /admin/
Disallow: /*?after=
Disallow: /*&after=

Sitemap: {site}{path}
"""


class WorkSitemap(Sitemap):
    """All public works, oldest first, so that a new work changes the last part only."""

    limit = PART
    protocol = settings.SITE.scheme

    def items(self):
        return works_for_visitors().order_by("published_at", "id")

    def lastmod(self, item: Work):
        return item.revised_at or item.published_at

    def get_latest_lastmod(self):
        newest = works_for_visitors().order_by("-published_at", "-id").values_list("published_at", flat=True)
        return newest.first()

    def get_urls(self, page=1, site=None, protocol=None):
        urls = super().get_urls(page, site, protocol)
        for url in urls:
            work = url["item"]
            url["video"] = Card(work).urls if Card(work).is_embeddable else None
            url["title"] = clean_xml(work.title)
            url["description"] = Truncator(clean_xml(work.description or work.title)).chars(500)
            url["seconds"] = max(1, round(work.seconds))
        return urls


SITEMAPS = {"works": WorkSitemap}


@require_safe
@page_for_visitors
def index(request):
    return views.index(
        request, SITEMAPS, sitemap_url_name="gallery:sitemap_part", template_name="gallery/sitemap_index.xml"
    )


@require_safe
@page_for_visitors
def part(request, section):
    """Return a part of the sitemap: ``?p=`` is its number."""
    return views.sitemap(request, SITEMAPS, section, template_name="gallery/sitemap.xml")


@require_safe
@login_not_required
def robots(request):
    """Allow search engines to read the public pages of an open gallery, and nothing of other sites."""
    text = CLOSED
    if settings.GALLERY == Opening.PUBLIC:
        text = OPEN.format(site=settings.SITE_URL, path=reverse("gallery:sitemap"))
    return HttpResponse(text, content_type="text/plain", headers={"Cache-Control": "public, max-age=3600"})
