"""The clip library."""

import pytest

from generation.models import Clip

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@pytest.fixture
def clips(mika, queue_clips, settings):
    """Thirty clips, oldest first."""
    settings.JOBS_PER_WORKSPACE = 100
    return [queue_clips(mika, prompt=f"scene number {n}")[0] for n in range(30)]


def read_grid(answer):
    return answer.content.decode().split('id="grid"')[1]


def test_newest_clips_come_first_across_pages(sign_in, mika, clips):
    browser = sign_in(mika)
    first = browser.get("/clips/")
    second = browser.get("/clips/" + first.context["next"])

    seen = [clip.pk for clip in first.context["page"].rows + second.context["page"].rows]
    assert seen == [clip.pk for clip in reversed(clips)]
    assert second.context["next"] == ""


def test_search_and_filters_narrow_the_grid(sign_in, mika, clips):
    browser = sign_in(mika)
    Clip.objects.filter(pk=clips[3].pk).update(prompt="a lighthouse", title="Light")

    assert "Light" in read_grid(browser.get("/clips/", {"q": "lighthouse"}))
    found = browser.get("/clips/", {"q": "number 27"}).context["page"].rows
    assert [clip.pk for clip in found] == [clips[27].pk]
    assert browser.get("/clips/", {"state": "finished"}).context["page"].rows == []
    assert browser.get("/clips/", {"source": "picture"}).context["page"].rows == []


def test_invalid_query_shows_the_first_page(subtests, sign_in, mika, clips):
    browser = sign_in(mika)
    for query in [{"after": "%%%"}, {"state": "x"}, {"source": "x"}, {"q": "\0"}, {"after": "YQ"}]:
        with subtests.test(query=query):
            assert browser.get("/clips/", query).status_code == 200


def test_library_hides_other_workspaces(sign_in, ren, clips):
    assert "scene number" not in sign_in(ren).get("/clips/").content.decode()


def test_empty_library_links_to_create(sign_in, mika):
    assert "Create your first clip" in sign_in(mika).get("/clips/").content.decode()


def test_query_count_is_independent_of_clip_count(sign_in, mika, clips, django_assert_max_num_queries):
    browser = sign_in(mika)
    browser.get("/clips/")

    with django_assert_max_num_queries(11):
        browser.get("/clips/")


def test_deleted_clips_appear_only_in_the_trash(sign_in, mika, ren, queue_clips):
    [kept], [trashed] = queue_clips(mika, prompt="a lighthouse"), queue_clips(mika, prompt="an old boat")
    browser = sign_in(mika)
    browser.post(f"/clips/{trashed.pk}/delete/")

    assert browser.get("/clips/", {"state": "trashed"}).context["page"].rows == [trashed]
    assert browser.get("/clips/").context["page"].rows == [kept]
    assert "until" in read_grid(browser.get("/clips/", {"state": "trashed"}))
    assert "an old boat" in read_grid(browser.get("/clips/", {"state": "trashed", "q": "boat"}))
    assert sign_in(ren).get("/clips/", {"state": "trashed"}).context["page"].rows == []

    browser.post(f"/clips/{trashed.pk}/restore/")
    assert "The trash is empty." in read_grid(browser.get("/clips/", {"state": "trashed"}))
