"""The clip library."""

import pytest

from generation.models import Clip

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture
def many(mika, ask, settings):
    """30 clips, the newest last asked for."""
    settings.JOBS_PER_WORKSPACE = 100
    return [ask(mika, prompt=f"scene number {n}")[0] for n in range(30)]


def grid(answer):
    return answer.content.decode().split('id="grid"')[1]


def test_newest_clips_come_first_across_pages(sign_in, mika, many):
    browser = sign_in(mika)
    first = browser.get("/clips/")
    second = browser.get("/clips/" + first.context["next"])

    seen = [clip.pk for clip in first.context["page"].rows + second.context["page"].rows]
    assert seen == [clip.pk for clip in reversed(many)]
    assert second.context["next"] == ""


def test_search_and_filters_narrow_the_grid(sign_in, mika, many):
    browser = sign_in(mika)
    Clip.objects.filter(pk=many[3].pk).update(prompt="a lighthouse", title="Light")

    assert "Light" in grid(browser.get("/clips/", {"q": "lighthouse"}))
    found = browser.get("/clips/", {"q": "number 27"}).context["page"].rows
    assert [clip.pk for clip in found] == [many[27].pk]
    assert browser.get("/clips/", {"state": "finished"}).context["page"].rows == []
    assert browser.get("/clips/", {"source": "picture"}).context["page"].rows == []


def test_invalid_query_shows_the_first_page(subtests, sign_in, mika, many):
    browser = sign_in(mika)
    for query in [{"after": "%%%"}, {"state": "x"}, {"source": "x"}, {"q": "\0"}, {"after": "YQ"}]:
        with subtests.test(query=query):
            assert browser.get("/clips/", query).status_code == 200


def test_library_hides_other_workspaces(sign_in, ren, many):
    assert "scene number" not in sign_in(ren).get("/clips/").content.decode()


def test_empty_library_links_to_create(sign_in, mika):
    assert "Create your first clip" in sign_in(mika).get("/clips/").content.decode()


def test_query_count_is_independent_of_clip_count(sign_in, mika, many, django_assert_max_num_queries):
    browser = sign_in(mika)
    browser.get("/clips/")

    with django_assert_max_num_queries(11):
        browser.get("/clips/")


def test_deleted_clips_appear_only_in_the_trash(sign_in, mika, ren, ask):
    [kept], [trashed] = ask(mika, prompt="a lighthouse"), ask(mika, prompt="an old boat")
    browser = sign_in(mika)
    browser.post(f"/clips/{trashed.pk}/delete/")

    assert browser.get("/clips/", {"state": "trashed"}).context["page"].rows == [trashed]
    assert browser.get("/clips/").context["page"].rows == [kept]
    assert "until" in grid(browser.get("/clips/", {"state": "trashed"}))
    assert "an old boat" in grid(browser.get("/clips/", {"state": "trashed", "q": "boat"}))
    assert sign_in(ren).get("/clips/", {"state": "trashed"}).context["page"].rows == []

    browser.post(f"/clips/{trashed.pk}/restore/")
    assert "The trash is empty." in grid(browser.get("/clips/", {"state": "trashed"}))
