"""The explore page: score, filters, search and pages; works on the home page and beside a work."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from gallery.explore import pages
from gallery.models import Comment, Like, Remix, Work
from gallery.publishing.services import withdraw_work
from gallery.works.score import update_score
from generation.services.clips import delete_clip
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def add_work(public_gallery, create_clip, publish):
    """``add_work(mika, "Title", tags=["sea"])`` publishes a clip that has no files."""

    def add(user, title, *, clip=None, **choices):
        return publish(create_clip(user, has_files=False, **clip or {}), title=title, **choices)

    return add


def find_titles(url, client=None):
    """Return the titles of the works on a page, in their order."""
    response = (client or Client()).get(url)
    assert response.status_code == 200, url
    return re.findall(r'class="ellipsis tile-title"[^>]* title="([^"]*)"', response.content.decode())


def read_all(url):
    """Return the titles on all pages of a list, following the links to the next page."""
    titles = []
    while url:
        page = Client().get(url).content.decode()
        titles += re.findall(r'class="ellipsis tile-title"[^>]* title="([^"]*)"', page)
        following = re.search(r'<a class="button" href="([^"]+after=[^"]+)"', page)
        url = following[1].replace("&amp;", "&") if following else ""
    return titles


def test_score_counts_people_once_and_not_the_authors_own(work, mika, ren):
    work.refresh_from_db()
    before = work.score

    Like.objects.create(work=work, user=UserFactory(), counts=False)  # of a new account
    for user in (mika, ren, ren):
        Comment.objects.create(work=work, user=user, text="!")
    for n, how in enumerate(("words", "scene")):
        Remix.objects.create(
            parent=work, parent_code=work.code, workspace=ren.workspaces.get(), child_kind="clip", how=how,
            child=f"{n:032}",
        )  # fmt: skip
    update_score(work)

    work.refresh_from_db()
    assert work.score - before == pytest.approx(3.1699, abs=1e-3)  # log2(1 + 6 for one remixer + 2 for one commenter)


def test_filters_are_in_the_address(add_work, create_film, publish, mika, ren, subtests):
    add_work(mika, "Rain", tags=["sea", "anime"], licence="by", allows_remix=True)
    ink = add_work(ren, "Ink", clip={"style": "ink_wash"}, licence="by-nc-sa")
    publish(create_film(ren), title="Kite", tags=["sea"])
    Work.objects.filter(pk=ink.pk).update(like_count=2, published_at=timezone.now() - timedelta(days=8))

    expected = {
        "": ["Kite", "Rain", "Ink"], "?sort=top": ["Ink", "Kite", "Rain"], "?sort=top-week": ["Kite", "Rain"],
        "?kind=film": ["Kite"], "?style=ink_wash": ["Ink"], "?licence=by": ["Rain"], "?licence=cc": ["Rain", "Ink"],
        "?remix=yes": ["Rain"], "tags/sea/": ["Kite", "Rain"], "tags/sea/?remix=yes": ["Rain"], "tags/nothing/": [],
        "?kind=nonsense&style=%00&sort=x": ["Kite", "Rain", "Ink"],
    }  # fmt: skip
    for address, titles in expected.items():
        with subtests.test(address=address):
            found = find_titles(f"/explore/{address}")
            assert found == titles if "top" not in address else sorted(found) == sorted(titles)

    response = Client().get("/explore/tags/＃Ａｎｉｍｅ/")
    assert (response.status_code, response.url) == (301, "/explore/tags/anime/")
    assert Client().get("/explore/?tag=Anime").url == "/explore/tags/anime/"
    assert Client().get("/explore/tags/%00/").status_code == 404


@pytest.mark.rows
def test_pages_show_each_work_once_and_refuse_edited_cursors(add_work, mika, monkeypatch, subtests):
    monkeypatch.setattr(pages.fetch_explore, "__defaults__", (2,))
    titles = {f"Lantern {n}" for n in range(5)}
    for title in titles:
        add_work(UserFactory(name=f"Artist {title[-1]}"), title, tags=["sea"])

    for address in ("", "?sort=trending", "?sort=top", "?q=lantern", "tags/sea/"):
        with subtests.test(address=address):
            found = read_all(f"/explore/{address}")
            assert (len(found), set(found)) == (5, titles)

    page = Client().get("/explore/").content.decode()
    cursor = re.search(r"after=([\w%~-]+)", page)[1]
    for address in (
        f"?after={cursor}x",
        "?after=%00~",
        "?after=eyJ",
        f"?sort=top&after={cursor}",
        f"?q=a&after={cursor}",
    ):
        with subtests.test(address=address):
            response = Client().get(f"/explore/{address}")
            assert response.status_code == 400 and "To the beginning of the list" in response.text


def test_trending_shows_at_most_two_works_of_one_profile(add_work, mika, ren):
    for n in range(4):
        add_work(mika, f"Mika’s {n}")
    add_work(ren, "Ren’s")

    assert sorted(find_titles("/explore/?sort=trending")) == ["Mika’s 2", "Mika’s 3", "Ren’s"]


@pytest.mark.rows
def test_newest_works_are_at_most_three_of_one_profile_in_sequence(add_work, mika, ren):
    for n in range(3):
        add_work(ren, f"Sea {n}")
    for n in range(5):
        add_work(mika, f"Hill {n}")

    expected = ["Hill 4", "Hill 3", "Hill 2", "Sea 2", "Hill 1", "Hill 0", "Sea 1", "Sea 0"]
    assert find_titles("/explore/") == expected


def test_search_finds_public_works_in_three_languages(add_work, mika, ren, subtests):
    add_work(mika, "Lantern festival", description="两只猫在雨巷里", tags=["水墨"])
    add_work(ren, "夕焼けの丘", clip={"prompt": "a gyroscope spins"}, shows_prompt=True)
    add_work(ren, "Kite", clip={"prompt": "a secret zeppelin"})
    gone = [
        add_work(mika, "Lantern withdrawn"), add_work(mika, "Lantern in the trash"),
        add_work(mika, "Lantern hidden", state="hidden"), add_work(mika, "Lantern unlisted", visibility="unlisted"),
    ]  # fmt: skip
    withdraw_work(gone[0], by=mika)
    delete_clip(gone[1].clip, by=mika)

    expected = {
        "lantern": ["Lantern festival"], "Ｌａｎｔｅｒｎ": ["Lantern festival"], "lantrrn": ["Lantern festival"],
        "雨巷": ["Lantern festival"], "猫": ["Lantern festival"], "水墨": ["Lantern festival"],
        "夕焼け": ["夕焼けの丘"], "gyroscope": ["夕焼けの丘"], "zeppelin": [], "@ren": ["Kite", "夕焼けの丘"],
        "mika": ["Lantern festival"], "' & | ! : *": [], "): -- DROP": [], "。、": [],
    }  # fmt: skip
    for query, titles in expected.items():
        with subtests.test(query=query):
            assert find_titles(f"/explore/?{urlencode({'q': query})}") == titles

    mika.name = "Aoi"
    mika.save()
    assert find_titles("/explore/?q=aoi") == ["Lantern festival"]


def test_explore_makes_few_queries_however_many_works_there_are(add_work, ren, sign_in, django_assert_max_num_queries):
    for n in range(6):
        add_work(UserFactory(name=f"Artist {n}"), f"Lantern {n}", tags=["sea", "night"])
    browser = sign_in(ren)
    browser.get("/explore/?q=lantern")  # indexes the new works

    for address in ("/explore/", "/explore/?sort=trending", "/explore/?q=lantern", "/explore/tags/sea/"):
        with django_assert_max_num_queries(10):
            assert len(find_titles(address, browser)) == 6


def test_page_without_works_says_what_to_do(public_gallery, client, subtests):
    expected = {"": "There are no works yet.", "?q=cat": "No works match.", "?kind=film": "Nobody has published such"}
    for address, words in expected.items():
        with subtests.test(address=address):
            assert words in client.get(f"/explore/{address}").content.decode()


def test_home_shows_public_works_instead_of_samples(add_work, mika, ren, settings):
    assert "Clips that came with this studio" in Client().get("/").content.decode()
    add_work(mika, "Canary", visibility="unlisted")
    add_work(ren, "Kite")

    page = Client().get("/").content.decode()
    assert "Kite" in page and "Canary" not in page and "Clips that came with this studio" not in page

    settings.GALLERY = "members"
    assert "Kite" not in Client().get("/").content.decode()


def test_works_like_this_share_tags_style_or_author(add_work, mika, ren):
    work = add_work(mika, "Rain", tags=["sea", "night"])
    add_work(ren, "Both tags", tags=["sea", "night"], clip={"style": "chibi"})
    add_work(ren, "One tag", tags=["sea"], clip={"style": "chibi"})
    add_work(mika, "Same author", clip={"style": "chibi"})
    add_work(ren, "Nothing", clip={"style": "ink_wash"})
    add_work(ren, "Unlisted", tags=["sea", "night"], visibility="unlisted")

    assert find_titles(work.get_absolute_url()) == ["Both tags", "One tag", "Same author"]
    page = Client().get(work.get_absolute_url()).text
    assert page.index("Licence") < page.index("More like this"), "facts come before the works of others"
