"""Search, filters, favourites and saved searches of the library, on both databases."""

import uuid
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.viewer import Viewer
from common.search import index
from common.search import pages as search_pages
from common.search.models import SearchDocument, SearchWord
from generation.library import filters, pages
from generation.models import Clip, Favourite, SavedSearch
from jobs.models import Job, State

pytestmark = [pytest.mark.django_db, pytest.mark.rows]

PROMPTS = {
    "lantern": "Paper lanterns over a café at night",
    "alley": "雨の路地で猫が走る",
    "hill": "夕焼けの丘に立つ少女",
    "hills": "夕焼けと海、そして遠い丘の少女",
    "ink": "水墨画の山",
}
FOUND = {  # query → names of PROMPTS, those with the exact phrase first
    "lantern": ["lantern"],
    "LANTERNS cafe": ["lantern"],
    "cafe lant": ["lantern"],
    "antern": [],
    "猫": ["alley"],
    "少女": ["hills", "hill"],
    "夕焼けの丘": ["hill"],
    "丘の少女": ["hills"],
    "画": ["ink"],
    "墨": ["ink"],
    "油画": [],
    "lnaterns": ["lantern"],
    "lanterns boat": [],
    "watercolour": ["ink"],
    "柔和水彩": ["ink"],
    "animatic lantern": ["lantern"],
    "?!": [],
    "🐱": [],
}
HOSTILE = [
    "' OR 1=1 --", '"', "''", "' & | ! : *", "a:*b", "a & !b", "(", ")", "((((", "NEAR(a b)", "a NOT b",
    "tokens:a", "^a", "*", "a*", "%", "_", "\\", "\\'", "\\x00", "\0", "$$", "; DROP TABLE generation_clip",
    "{{ 7 }}", "{% now %}", "<script>", "<mark>", "<->", "a <-> b", "::tsquery", "\u202e", "\u200b", "ﷺ" * 100,
    "ß" * 100, "İ" * 100, "猫" * 100, "a " * 50, "e\u0301" * 50, "\ud83d", "🐱🐱", "\r\n", "\t", " ", "-", "--a",
    "+a", "1e999", "٣", "a" * 2000, "\uffff",
]  # fmt: skip


@pytest.fixture
def make_clips(mika):
    """``make_clips(prompt, …)`` adds finished clips, the last the newest. Fields apply to all of them."""
    workspace = mika.workspaces.get()
    start = timezone.now() - timedelta(days=1)

    def make(*prompts, state=State.READY, **fields):
        count = Clip.objects.count()
        jobs = Job.objects.bulk_create(
            Job(workspace=workspace, kind="clip", title=text, idem_key=uuid.uuid4().hex, state=state)
            for text in prompts
        )
        return Clip.objects.bulk_create(
            Clip(
                **{"workspace": workspace, "job": job, "title": text[:40], "prompt": text, "seed": 1, "take": 1}
                | {"created_at": start + timedelta(seconds=count + n)}
                | fields
            )
            for n, (job, text) in enumerate(zip(jobs, prompts, strict=True))
        )

    return make


@pytest.fixture
def clips(make_clips):
    """The clips of PROMPTS by name; the ink painting is a watercolour."""
    found = dict(zip(PROMPTS, make_clips(*PROMPTS.values()), strict=True))
    Clip.objects.filter(pk=found["ink"].pk).update(style="watercolour")
    return found


def choose(user, **values):
    return filters.read_chosen(QueryDict(urlencode(values)), Viewer(user))


def list_all(user, size=2, **values):
    """Return the rows of all pages."""
    rows, after, chosen = [], "", choose(user, **values)
    while page := pages.fetch_library(Viewer(user), chosen, after, size):
        rows += page.rows
        after = page.after
        if not after:
            return rows


@pytest.fixture(params=["small library", "large library"])
def library_size(request, monkeypatch):
    """In a large library, frequent words are found by comparing rows, here from three clips on."""
    if request.param == "large library":
        for name, count in {"FIRST": 2, "FEW": 1, "MANY": 3}.items():
            monkeypatch.setattr(search_pages, name, count)


@pytest.mark.usefixtures("library_size")
def test_each_query_finds_the_same_clips_on_both_databases(subtests, mika, ren, clips):
    names = {clip.pk: name for name, clip in clips.items()}
    for query, expected in FOUND.items():
        with subtests.test(query=query):
            assert [names[clip.id] for clip in list_all(mika, q=query)] == expected
            assert list_all(ren, q=query) == []


@pytest.mark.usefixtures("library_size")
@pytest.mark.parametrize("query", ["red boat", "red bo", "赤い夕焼け", "赤い夕焼け red"])
def test_the_exact_phrase_comes_before_newer_clips_with_its_words(mika, make_clips, query):
    exact, *newer = make_clips("a red boat 赤い夕焼け red", *["赤い海、い夕焼け boat and red"] * 3)

    assert [clip.id for clip in list_all(mika, q=query)] == [exact.pk, *(clip.pk for clip in reversed(newer))]


def test_the_page_marks_hits_and_says_that_it_forgave_a_typo(sign_in, mika, clips):
    browser = sign_in(mika)

    assert "<mark>lantern</mark>s" in browser.get("/clips/", {"q": "lantern"}).text
    assert "Nothing contains “lnaterns”" in (typo := browser.get("/clips/", {"q": "lnaterns"}).text)
    assert "<mark>lanterns</mark>" in typo


def test_hostile_searches_are_harmless(subtests, sign_in, mika, clips, django_assert_max_num_queries):
    browser = sign_in(mika)
    browser.get("/clips/")
    index.flush()
    for text in HOSTILE:
        with subtests.test(text=text), django_assert_max_num_queries(12):
            sent = text.encode(errors="surrogatepass")
            query = "".join(f"%{byte:02x}" for byte in sent)
            answer = browser.get(f"/clips/?q={query}", headers={"HX-Request": "true", "HX-Target": "div#grid"})
            assert answer.status_code == 200
            assert "<script>" not in answer.text
    assert Clip.objects.count() == len(PROMPTS)


@pytest.mark.parametrize("name", ["title", "prompt", "style"])
def test_the_index_follows_changes(mika, clips, name):
    Clip.objects.filter(pk=clips["ink"].pk).update(**{name: "seinen"})
    clips["hill"].delete()

    assert [clip.id for clip in list_all(mika, q="seinen")] == [clips["ink"].pk]
    assert list_all(mika, q="夕焼けの丘") == []
    assert list(index.find_differences()) == []


def test_missed_documents_are_added_and_forgotten_words_removed(mika, clips):
    index.flush()
    SearchDocument.objects.filter(object_id=clips["ink"].pk).update(text="old")
    SearchDocument.objects.filter(object_id=clips["hill"].pk).delete()
    SearchDocument.objects.create(kind="clip", object_id=uuid.uuid4(), scope=uuid.uuid4(), text="gone")
    SearchWord.objects.create(scope=mika.workspaces.get().pk, word="forgotten", backwards="nettogrof")
    assert len(list(index.find_differences())) == 3

    index.rebuild()

    assert list(index.find_differences()) == []
    assert not SearchWord.objects.filter(word="forgotten").exists()


CHOICES = {
    "q": ["", "rain", "rain neon", "neon rain", "夕焼け"],
    "state": ["", "finished", "unfinished", "failed"],
    "style": ["", "cel", "chibi", "unknown"],
    "ratio": ["", "16:9", "9:16"],
    "length": ["", "short", "medium", "long"],
    "favourite": ["", "yes"],
    "sort": ["newest", "oldest", "longest", "title"],
}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    chosen=st.fixed_dictionaries({name: st.sampled_from(values) for name, values in CHOICES.items()}),
    size=st.integers(1, 7),
)
def test_pages_show_each_clip_once_while_others_are_added(mika, wall, make_clips, chosen, size):
    values = choose(mika, **{name: value for name, value in chosen.items() if value})
    everything = Clip.objects.filter(pk__in=wall)
    expected = {clip.pk for clip in everything if is_expected(clip, chosen, mika)}
    seen, after = [], ""
    while True:
        page = pages.fetch_library(Viewer(mika), values, after, size)
        seen += [clip.id for clip in page.rows]
        after = page.after
        if not after:
            break
        make_clips("rain, added meanwhile", title="m")

    assert [pk for pk in seen if pk in wall and pk not in expected] == []
    assert sorted(pk for pk in seen if pk in wall) == sorted(expected)
    assert len(seen) == len(set(seen))


@pytest.fixture
def wall(mika, make_clips):
    """The ids of 24 clips that differ in all filters."""
    looks = [
        {"style": style, "ratio": ratio, "seconds": seconds, "state": state}
        for state in (State.READY, State.FAILED, State.QUEUED)
        for style, ratio, seconds in [
            ("cel", "16:9", 5),
            ("chibi", "9:16", 8),
            ("cel", "9:16", 20),
            ("chibi", "16:9", 5),
        ]
    ]
    texts = ["rain", "neon rain", "rain and neon", "夕焼けの海"]
    found = [
        make_clips(texts[n % 4], texts[(n + 1) % 4], title="same" if n % 2 else f"{n}", **look)
        for n, look in enumerate(looks)
    ]
    ids = {clip.id for some in found for clip in some}
    Favourite.objects.bulk_create(Favourite(user=mika, clip=some[0]) for some in found)
    return ids


def is_expected(clip, chosen, user) -> bool:
    lengths = {"": range(61), "short": range(6), "medium": range(6, 11), "long": range(11, 61)}
    states = {"": None, "finished": State.READY, "unfinished": State.QUEUED, "failed": State.FAILED}
    words = chosen["q"].split() if chosen["q"] != "夕焼け" else ["夕焼け"]
    return (
        all(word in clip.prompt for word in words)
        and states[chosen["state"]] in (None, clip.job.state)
        and chosen["style"] in ("", "unknown", clip.style)
        and chosen["ratio"] in ("", clip.ratio)
        and clip.seconds in lengths[chosen["length"]]
        and (not chosen["favourite"] or clip.favourites.filter(user=user).exists())
    )


def test_remaining_filters_choose_by_origin_and_age(subtests, sign_in, mika, make_clips):
    [old] = make_clips("old", created_at=timezone.now() - timedelta(days=40), provider="kling")
    effect = {"provider": "effects", "source_provider": "kling", "options": {"effects": ["speed_lines"]}}
    [effects] = make_clips("effects", **effect, created_at=timezone.now())
    [plain] = make_clips("plain", created_at=timezone.now() - timedelta(days=3))
    expected = {
        "kind=words": [plain, old], "kind=effects": [effects], "kind=film": [], "kind=x": [effects, plain, old],
        "source=here": [plain], "source=provider": [effects, old], "provider=kling": [effects, old],
        "date=week": [effects, plain], "date=month": [effects, plain], "story=none": [effects, plain, old],
        f"story={uuid.uuid4()}": [effects, plain, old], "state=trashed": [],
    }  # fmt: skip
    for query, clips in expected.items():
        with subtests.test(query=query):
            assert [row.title for row in list_all(mika, **dict([query.split("=")]))] == [clip.title for clip in clips]
    page = sign_in(mika).get("/clips/?date=week").text
    assert page.count("With effects, </span>") == 1 and "From text, </span>" not in page  # on their tiles


def test_filtered_library_needs_few_queries(
    sign_in, mika, clips, make_clips, monkeypatch, django_assert_max_num_queries
):
    browser = sign_in(mika)
    browser.get("/clips/")
    index.flush()

    filters = {"q": "lantern café", "style": "cel", "favourite": "yes", "sort": "title"}
    for query in (filters, {"q": "lanterns river"}, {"q": "lnaterns"}, {"q": "lnaterns umbrelas"}):
        with django_assert_max_num_queries(12):
            browser.get("/clips/", query)

    make_clips(*["lanterns"] * 30)
    monkeypatch.setattr(search_pages, "FIRST", 26)
    SearchWord.objects.create(scope=mika.workspaces.get().pk, word="lnaterns", backwards="snretanl")  # of a film
    search_pages._has_many.cache_clear()
    assert "lanterns</mark>" in browser.get("/clips/", {"q": "lnaterns"}).text  # counts the documents for an hour
    with django_assert_max_num_queries(12):
        browser.get("/clips/", {"q": "lnaterns"})


def test_a_favourite_is_kept_per_user(sign_in, mika, ren, clips):
    browser, url = sign_in(mika), f"/clips/{clips['ink'].pk}/favourite/"

    for _ in range(2):
        answer = browser.post(url, {"is_favourite": "1"}, headers={"HX-Request": "true"})
    assert 'aria-pressed="true"' in answer.text
    assert [clip.id for clip in list_all(mika, favourite="yes")] == [clips["ink"].pk]
    assert sign_in(ren).post(url, {"is_favourite": "1"}).status_code == 404

    browser.post(url, {"is_favourite": "0"})
    assert not Favourite.objects.exists()


def test_searches_are_saved_listed_and_deleted(sign_in, mika, ren, clips, settings):
    settings.SEARCHES_PER_USER = 1
    browser = sign_in(mika)

    for query in ("q=ink&style=cel&bogus=1", "style=cel&q=lantern"):
        browser.post("/clips/searches/", {"name": "Night", "query": query})
    browser.post("/clips/searches/", {"name": "Too many", "query": "q=a"})
    [search] = SavedSearch.objects.all()
    assert (search.name, search.query) == ("Night", "q=lantern&style=cel")
    assert "?q=lantern&amp;style=cel" in browser.get("/clips/").text
    assert sign_in(ren).post(f"/clips/searches/{search.pk}/delete/").status_code == 404

    browser.post(f"/clips/searches/{search.pk}/delete/")
    assert not SavedSearch.objects.exists()
