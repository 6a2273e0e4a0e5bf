"""What other sites and programs get of the gallery: cards, oEmbed, the embedded player, feeds, sitemap, plays."""

import json
from html.parser import HTMLParser
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import pytest
from django.core.cache import cache
from django.test import Client

from gallery.models import FormerHandle, Work
from gallery.publishing.services import withdraw_work

pytestmark = pytest.mark.django_db
SITE = "http://localhost:8000"
ATOM = {"a": "http://www.w3.org/2005/Atom"}
MAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "v": "http://www.google.com/schemas/sitemap-video/1.1"}
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
HOSTILE = "</script><script>alert(1)</script>\"' onload=x ]]> <b>&amp; \u202egnp.exe \U0001f985"


class Tags(HTMLParser):
    """The elements of a page with their attributes, and the text of JSON-LD."""

    def __init__(self, page):
        super().__init__()
        self.found, self.scripts, self.is_data = [], [], False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        self.is_data = tag == "script" and dict(attributes).get("type") == "application/ld+json"

    def handle_data(self, data):
        if self.is_data:
            self.scripts.append(data)

    def handle_endtag(self, tag):
        self.is_data = False

    @property
    def meta(self):
        return {
            tag.get("property") or tag.get("name"): tag["content"]
            for name, tag in self.found
            if name == "meta" and "content" in tag
        }

    def links(self, rel):
        return [tag["href"] for name, tag in self.found if name == "link" and tag.get("rel") == rel]


def read_tags(work):
    return Tags(Client().get(work.get_absolute_url()).content.decode())


def read_xml(path):
    return ElementTree.fromstring(Client().get(path).content)  # noqa: S314 - our own


def get_path(url):
    return urlsplit(url).path


def oembed(url, **query):
    return Client().get("/oembed/", {"url": url, **query})


@pytest.fixture
def hidden_works(public_gallery, settings, create_clip, publish, mika):
    """Works of Mika's that no list, feed, map or embedded player shows, by their state."""
    settings.GALLERY_MATURE = True
    states = {
        "unlisted": {"visibility": "unlisted"}, "mature": {"rating": "mature"}, "waiting": {"state": "waiting"},
        "hidden": {"state": "hidden"}, "private": {"visibility": "private"},
    }  # fmt: skip
    works = {
        name: publish(create_clip(mika, has_files=False), title=f"Canary {name}", **choices)
        for name, choices in states.items()
    }
    works["trashed"] = publish(create_clip(mika, has_files=False), title="Canary trashed")
    works["trashed"].clip.deleted_at = works["trashed"].published_at
    works["trashed"].clip.save()
    return works


def test_public_work_has_cards_for_other_sites(work):
    tags = read_tags(work)
    media = f"http://127.0.0.1:8000/p/{work.code}/1"

    assert tags.meta["og:type"] == "video.other" and tags.meta["og:title"] == "The last summer train"
    assert (tags.meta["og:image"], tags.meta["og:image:alt"]) == (f"{media}/poster.webp", "The last summer train")
    assert (tags.meta["og:image:width"], tags.meta["og:image:height"]) == ("1280", "720")
    assert (tags.meta["og:video:secure_url"], tags.meta["og:video:type"]) == (f"{media}/film.mp4", "video/mp4")
    assert tags.meta["twitter:card"] == "player" and tags.meta["twitter:player"] == f"{SITE}/embed/{work.code}/"
    assert tags.links("canonical") == [f"{SITE}/w/{work.code}/"]
    facts = json.loads(tags.scripts[0])
    assert (facts["@type"], facts["duration"], facts["embedUrl"]) == (
        "VideoObject", "P0DT00H00M05S", f"{SITE}/embed/{work.code}/",
    )  # fmt: skip
    discovered = next(href for href in tags.links("alternate") if "oembed" in href)
    assert Client().get(discovered.removeprefix(SITE)).json()["title"] == "The last summer train"


def test_other_works_show_less_to_other_sites(hidden_works, work, sign_in, mika, settings):
    for name in ("unlisted", "mature", "waiting"):
        tags = Tags(sign_in(mika).get(hidden_works[name].get_absolute_url()).content.decode())
        assert tags.meta["og:title"] == "Tapwari" and not {"og:image", "og:video", "twitter:card"} & tags.meta.keys()
        assert tags.links("canonical") == tags.links("alternate") == tags.scripts == []
        assert "noindex" in tags.meta["robots"]

    settings.GALLERY = "members"
    tags = Tags(sign_in(mika).get(f"/w/{work.code}/").content.decode())
    assert not [name for name in tags.meta if name and name.startswith(("og:", "twitter:"))]


def test_hostile_titles_stay_text_everywhere(work, mika):
    mika.name = "Mika </title><script>"
    mika.save()
    text = HOSTILE + "\ufffe"
    Work.objects.filter(pk=work.pk).update(title=text[:120], description=text)
    work.refresh_from_db()

    for path in (work.get_absolute_url(), f"/embed/{work.code}/", "/explore/"):
        tags = Tags(Client().get(path).content.decode())
        scripts = [tag for name, tag in tags.found if name == "script" and "src" not in tag]
        assert all(tag.get("type") == "application/ld+json" for tag in scripts), path
        assert not [tag for _name, tag in tags.found if "onload" in tag]
    tags = read_tags(work)
    assert tags.meta["og:title"] == work.title
    assert json.loads(tags.scripts[0])["name"] == work.title
    player = oembed(f"{SITE}/w/{work.code}/").json()
    [(name, frame)] = Tags(player["html"]).found
    assert (name, frame["title"], player["title"]) == ("iframe", work.title, work.title)
    entry = read_xml("/explore/feed.atom").find("a:entry", ATOM)
    assert entry.find("a:title", ATOM).text == work.title.replace("\ufffe", "")
    assert "<" not in entry.find("a:summary", ATOM).text
    video = read_xml("/sitemap-works.xml").find(".//v:title", MAP)
    assert video.text == work.title.replace("\ufffe", "")


def test_oembed_answers_for_what_visitors_may_embed(work, hidden_works, mika, subtests):
    unlisted = hidden_works["unlisted"]
    player = oembed(f"{SITE}/w/{work.code}/", maxwidth=320).json()
    assert (player["version"], player["type"], player["width"], player["height"]) == ("1.0", "video", 320, 180)
    assert player["author_url"] == f"{SITE}/@mika/"
    assert oembed(f"{SITE}/u/{unlisted.share_token}/", maxheight=90).json()["width"] == 160
    assert oembed(f"{SITE}/w/{work.code}/", format="xml").status_code == 501

    for name, value in (("maxwidth", "-1"), ("maxwidth", "0"), ("maxheight", "1e3"), ("maxheight", "９")):
        with subtests.test(name=name, value=value):
            assert oembed(f"{SITE}/w/{work.code}/", **{name: value}).status_code == 400
    missing = [
        "", "x", f"https://evil.example/w/{work.code}/", f"//localhost:8000/w/{work.code}/", f"{SITE}//w/{work.code}/",
        f"http://user@localhost:8000/w/{work.code}/", f"http://localhost:8000@evil.example/w/{work.code}/",
        f"{SITE}/w/{unlisted.code}/", f"{SITE}/w/{work.code}/play/", f"javascript:{SITE}/w/{work.code}/",
        f"{SITE}/u/{'x' * 43}/", "http://[", f"{SITE}/w/%00/", f"{SITE}/\udcff",
        *(f"{SITE}/w/{hidden_works[name].code}/" for name in ("mature", "waiting", "hidden", "private", "trashed")),
    ]  # fmt: skip
    for url in missing:
        with subtests.test(url=url):
            assert Client().get(f"/oembed/?url={quote(url, errors='surrogatepass')}").status_code == 404
    Work.objects.filter(pk=work.pk).update(allows_embed=False)
    assert oembed(f"{SITE}/w/{work.code}/").status_code == 404


def test_only_the_embedded_player_can_be_framed(work, hidden_works, mika, settings):
    browser = Client(headers=BROWSER)
    response = browser.get(f"/embed/{work.code}/")
    page = response.content.decode()
    policy = response.headers["Content-Security-Policy"]

    assert "X-Frame-Options" not in response.headers and "frame-ancestors https: http:" in policy
    assert "form-action 'none'" in policy and "<form" not in page and not response.cookies
    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert 'preload="none"' in page and "autoplay" not in page
    assert all(words in page for words in ("Drawn by the studio’s own code", "@mika", f"{SITE}/w/{work.code}/"))
    assert browser.get(f"/embed/{hidden_works['unlisted'].share_token}/").status_code == 200
    for path in (work.get_absolute_url(), "/explore/", "/"):
        response = browser.get(path)
        assert response.headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]

    for name in ("mature", "waiting", "hidden", "trashed", "unlisted"):
        assert browser.get(f"/embed/{hidden_works[name].code}/").status_code == 404
    Work.objects.filter(pk=work.pk).update(allows_embed=False)
    assert "does not want this work to be shown" in browser.get(f"/embed/{work.code}/").content.decode()
    withdraw_work(work, by=mika)
    response = browser.get(f"/embed/{work.code}/")
    assert response.status_code == 404 and "was withdrawn" in response.content.decode()
    settings.GALLERY = "members"
    assert browser.get(f"/embed/{work.code}/").status_code == 404


def test_feeds_and_sitemap_list_public_works_only(work, hidden_works, mika, settings):
    FormerHandle.objects.create(
        handle="old_mika", profile=mika.home.profile, ends_at=work.published_at.replace(year=2099)
    )
    for path in ("/explore/feed.atom", "/@mika/feed.atom"):
        feed = read_xml(path)
        assert [entry.find("a:title", ATOM).text for entry in feed.findall("a:entry", ATOM)] == [work.title]
        assert feed.find("a:link[@rel='self']", ATOM).get("href").endswith(path)
    assert Client().get("/@old_mika/feed.atom").url == "/@mika/feed.atom"
    assert Client().get("/@nobody/feed.atom").status_code == 404
    assert read_xml("/explore/tags/sea/feed.atom").find("a:entry", ATOM) is None

    index = read_xml("/sitemap.xml")
    part = index.find("s:sitemap/s:loc", MAP).text
    urls = read_xml(get_path(part)).findall("s:url/s:loc", MAP)
    assert [get_path(url.text) for url in urls] == [work.get_absolute_url()]
    assert "Disallow: /account/" in (robots := Client().get("/robots.txt").content.decode())
    assert f"Sitemap: {SITE}/sitemap.xml" in robots

    settings.GALLERY = "members"
    assert Client().get("/robots.txt").content.decode() == "User-agent: *\nDisallow: /\n"
    assert {Client().get(path).status_code for path in ("/explore/feed.atom", "/sitemap.xml")} == {302}
    settings.GALLERY = "off"
    assert {Client().get(path).status_code for path in ("/explore/feed.atom", "/sitemap.xml", "/explore/")} == {404}


def test_plays_count_once_a_day_and_store_no_address(work, hidden_works, sign_in, mika, settings):
    cache.clear()
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def watch(code=work.code, browser=None, address="203.0.113.7", **headers):
        browser = browser or Client(enforce_csrf_checks=True)
        headers = {"X-Forwarded-For": address, **BROWSER, **headers}
        return browser.post(f"/w/{code}/play/", headers=headers).status_code

    assert watch() == watch() == watch(address="203.0.113.99") == 204  # of one network
    assert watch(address="198.51.100.1") == 204
    for headers in ({"Sec-GPC": "1"}, {"User-Agent": "Googlebot/2.1"}, {"User-Agent": ""}):
        assert watch(address="192.0.2.1", **headers) == 204
    assert watch(browser=sign_in(mika), address="192.0.2.2") == 204
    assert {watch(hidden_works[name].code) for name in ("unlisted", "hidden", "private", "trashed")} == {404}

    score = work.score
    work.refresh_from_db()
    assert work.play_count == 2 and work.score > score
    assert "A play counts after two seconds" in Client().get(work.get_absolute_url()).content.decode()
    settings.ACCOUNT_RATE_LIMITS = {"play": "1/m/ip"}
    assert [watch(), watch()] == [204, 429]
