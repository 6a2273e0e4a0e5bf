"""My clips as a grid."""

import pytest

from generation.models import Clip

pytestmark = pytest.mark.django_db


@pytest.fixture
def many(mika, ask, settings):
    """30 clips, the newest last asked for."""
    settings.JOBS_PER_WORKSPACE = 100
    return [ask(mika, prompt=f"scene number {n}")[0] for n in range(30)]


def grid(answer):
    return answer.content.decode().split('id="grid"')[1]


def test_the_newest_come_first_and_the_next_page_goes_on_where_the_first_ended(sign_in, mika, many):
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


@pytest.mark.parametrize("nonsense", [{"after": "%%%"}, {"state": "x"}, {"source": "x"}, {"q": "\0"}, {"after": "YQ"}])
def test_nonsense_in_the_address_shows_the_first_page(sign_in, mika, many, nonsense):
    assert sign_in(mika).get("/clips/", nonsense).status_code == 200


def test_strangers_see_nothing_of_it(sign_in, ren, many):
    assert "scene number" not in sign_in(ren).get("/clips/").content.decode()


def test_an_empty_library_shows_the_way_to_the_first_clip(sign_in, mika):
    assert "Make the first one" in sign_in(mika).get("/clips/").content.decode()


def test_more_clips_do_not_mean_more_queries(sign_in, mika, many, django_assert_max_num_queries):
    browser = sign_in(mika)
    browser.get("/clips/")

    with django_assert_max_num_queries(11):
        browser.get("/clips/")


def test_what_was_thrown_away_stands_in_the_bin_until_it_goes_and_nowhere_else(sign_in, mika, ren, ask):
    [kept], [thrown] = ask(mika, prompt="a lighthouse"), ask(mika, prompt="an old boat")
    browser = sign_in(mika)
    browser.post(f"/clips/{thrown.pk}/delete/")

    assert browser.get("/clips/", {"state": "thrown"}).context["page"].rows == [thrown]
    assert browser.get("/clips/").context["page"].rows == [kept]
    assert "until" in grid(browser.get("/clips/", {"state": "thrown"}))
    assert "an old boat" in grid(browser.get("/clips/", {"state": "thrown", "q": "boat"}))
    assert sign_in(ren).get("/clips/", {"state": "thrown"}).context["page"].rows == []

    browser.post(f"/clips/{thrown.pk}/restore/")
    assert "The bin is empty." in grid(browser.get("/clips/", {"state": "thrown"}))
