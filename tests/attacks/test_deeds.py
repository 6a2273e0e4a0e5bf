"""Other people's things, deeds done twice or at once, and ways in by the side door."""

import base64
import uuid
from urllib.parse import urlsplit

import pytest
from channels.layers import channel_layers
from channels.testing import WebsocketCommunicator
from django.conf import settings as site
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisGone

from accounts.access import home_of
from generation.media import storage
from generation.models import Clip, Picture
from jobs import access, services
from jobs.account_data import job_kinds as account_data_jobs
from jobs.account_data import views as account_data_views
from jobs.account_data.job_kinds import export_key
from jobs.lifecycle import transitions
from jobs.live import consumers
from jobs.models import Job, State
from tests.processes import PATIENCE

pytestmark = pytest.mark.django_db
WORDS = {"prompt": "rain on the roofs", "seconds": 2, "resolution": 480}
DOORS_WITH_A_WAY_BACK = [("/settings/theme/", {"theme": "dark"}), ("/jobs/bulk/", {"act": "delete"})]


def fail(job):
    transitions.move(job, State.FAILED, error_code="broken", error_public="It broke.")
    return job


# --- Other people's things ---------------------------------------------------------------------------------------


@pytest.fixture
def packed(mika, tmp_path):
    """An export of Mika's that failed, was tried again by an operator, and is ready."""

    def pack(by):
        first = fail(account_data_jobs.ask_for_export(mika))
        again = services.retry(first, by=by)
        storages["clips"].save(export_key(again.pk), ContentFile(b"everything about Mika"))
        Job.objects.filter(pk=again.pk).update(state=State.READY, finished_at=timezone.now())
        return again

    return pack


def test_an_operator_who_has_an_export_tried_again_does_not_get_what_it_tells(packed, ren, mika, sign_in):
    export = packed(by=ren)

    assert list(account_data_views.exports(ren)) == []
    assert list(account_data_views.exports(mika)) == [export]
    assert sign_in(mika).get(reverse("jobs:job", args=[export.pk])).status_code == 200


@pytest.mark.parametrize("name", ["picture", "continues"])
def test_a_form_cannot_start_from_what_belongs_to_somebody_else(sign_in, mika, ren, ask, name):
    facts = {"key": "p/canary.png", "width": 99, "height": 99, "bytes": 1, "sha256": "0" * 64}
    theirs = ask(mika)[0] if name == "continues" else Picture.objects.create(workspace=home_of(mika), **facts)

    answer = sign_in(ren).post("/create/", WORDS | {name: theirs.pk})
    never_was = sign_in(ren).post("/create/", WORDS | {name: uuid.uuid4()})

    assert answer.status_code == never_was.status_code == 422
    assert "canary" not in answer.content.decode()
    assert not Clip.objects.filter(workspace=home_of(ren)).exists()


@pytest.mark.parametrize("is_own", [True, False])
def test_a_picture_of_another_workspace_is_not_shown_beside_what_was_to_start_from_it(sign_in, mika, ren, ask, is_own):
    """Ren could see it when he asked. He may not any more, and who works with him never could."""
    whose = home_of(ren if is_own else mika)
    facts = {"key": "p/canary.png", "width": 99, "height": 99, "bytes": 1, "sha256": "0" * 64}
    clip = ask(ren)[0]
    Clip.objects.filter(pk=clip.pk).update(picture=Picture.objects.create(workspace=whose, **facts))
    fail(clip.job)
    browser, page = sign_in(ren), clip.get_absolute_url()

    seen = [path for path in (page, f"{page}card/", "/create/", "/clips/")
            if storage.link("p/canary.png") in browser.get(path).text.replace("&amp;", "&")]  # fmt: skip

    assert seen == ([page, f"{page}card/", "/create/", "/clips/"] if is_own else [])


def test_a_list_of_jobs_touches_only_ones_own(sign_in, mika, ren, ask):
    theirs, own = ask(mika)[0], ask(ren)[0]

    for act in ("cancel", "delete", "retry"):
        sign_in(ren).post("/jobs/bulk/", {"act": act, "id": [theirs.job_id, own.job_id]})

    theirs.refresh_from_db()
    assert (theirs.job.state, theirs.deleted_at, theirs.job.deleted_at) == (State.QUEUED, None, None)


def test_an_undo_works_in_the_session_that_threw_away_and_in_no_other(sign_in, mika, ren, ask):
    clips = ask(mika, takes=2)
    hers = sign_in(mika)
    hers.post("/jobs/bulk/", {"act": "delete", "id": [clip.job_id for clip in clips]})
    (token,) = hers.session["jobs_undo"]

    sign_in(ren).post(f"/jobs/undo/{token}/")
    assert Clip.objects.shown().count() == 0
    hers.post(f"/jobs/undo/{token}/")
    assert Clip.objects.shown().count() == 2


# --- Twice, and at the wrong moment ------------------------------------------------------------------------------


def test_a_form_sent_again_after_its_job_was_tried_again_gives_the_same_clip(sign_in, mika):
    browser = sign_in(mika)
    first = browser.post("/create/", WORDS | {"idem_key": "one"})
    services.retry(fail(Job.objects.get()), by=mika)

    again = browser.post("/create/", WORDS | {"idem_key": "one"})

    assert (again.status_code, again.url) == (302, first.url)
    assert Clip.objects.count() == 1


def test_a_form_whose_clip_is_gone_for_good_is_refused_in_words(sign_in, mika):
    browser = sign_in(mika)
    browser.post("/create/", WORDS | {"idem_key": "one"})
    again = services.retry(fail(Job.objects.get()), by=mika)
    services.purge(fail(again))

    assert browser.post("/create/", WORDS | {"idem_key": "one"}).status_code == 409


@pytest.mark.parametrize(("deed", "more"), [("again", 1), ("vary", 3)])
def test_the_same_button_pressed_twice_is_one_wish(sign_in, mika, ask, deed, more):
    browser, clip = sign_in(mika), ask(mika)[0]

    answers = [browser.post(f"{clip.get_absolute_url()}{deed}/", {"idem_key": "twice"}) for _ in range(2)]

    assert answers[0].url == answers[1].url != clip.get_absolute_url()
    assert Clip.objects.count() == 1 + more


def test_a_key_that_no_page_made_is_not_used(sign_in, mika, ask):
    clip = ask(mika)[0]

    answer = sign_in(mika).post(f"{clip.get_absolute_url()}again/", {"idem_key": "a\0b"})

    assert answer.status_code == 302
    assert Clip.objects.count() == 2


def test_what_is_tried_again_from_the_bin_comes_out_of_it(sign_in, mika, ask):
    clip = ask(mika)[0]
    fail(clip.job)
    services.delete(clip.job, by=mika)

    sign_in(mika).post(reverse("jobs:retry", args=[clip.job_id]))

    clip.refresh_from_db()
    assert (clip.deleted_at, clip.job.deleted_at, clip.job.state) == (None, None, State.QUEUED)


# --- Side doors --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("referer", ["http://testserver//e.test/x", "http://testserver/\\e.test/x", "foo", "http://["])
@pytest.mark.parametrize("header", ["referer", "hx-current-url"])
@pytest.mark.parametrize(
    ("door", "form"), [("/settings/theme/", {"theme": "dark"}), ("/jobs/bulk/", {"act": "delete"})]
)
def test_the_way_back_stays_on_this_site(sign_in, mika, door, form, header, referer):
    for more in ({}, {"hx-request": "true"}):
        answer = sign_in(mika).post(door, form, headers={header: referer} | more)

        where = answer.headers.get("Location") or answer.headers["HX-Redirect"]
        assert answer.status_code in (200, 302)
        assert where.startswith("/")
        assert where[1:2] not in ("/", "\\")


@pytest.mark.parametrize("way", ["//e.test", "/\\e.test", "https:e.test", "javascript:alert(1)", "///e", "foo"])
def test_a_sign_in_leads_nowhere_else(client, mika, way):
    form = {"login": mika.email, "password": "petals in the wind", "next": way}

    answer = client.post("/account/login/", form)

    assert answer.status_code == 302
    assert not urlsplit(answer.url).netloc
    assert answer.url.startswith("/create/") or answer.url == "foo"


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-01-01", "x"])
@pytest.mark.parametrize("page", ["/clips/", "/jobs/"])
def test_a_cursor_that_nobody_was_given_shows_a_page(sign_in, mika, page, when):
    cursor = base64.urlsafe_b64encode(f"{when}|{uuid.uuid4()}".encode()).decode()

    assert sign_in(mika).get(page, {"after": cursor}).status_code == 200


def test_understood_things_hold_no_character_that_a_database_refuses(sign_in, mika):
    answer = sign_in(mika).post("/create/", WORDS | {"chips_off": ["mood:a\0b", "mood:calm"]})

    assert answer.status_code == 302
    assert Clip.objects.get().chips_off == ["mood:calm"]


@pytest.mark.parametrize("title", ["one\ntwo", "one\rtwo", 'a";x="b', "\u202e4pm.exe", "../../etc", "文" * 120])
def test_any_title_can_be_downloaded(sign_in, mika, ask, title):
    clip = ask(mika)[0]
    key = f"clips/{clip.pk}.mp4"
    storages["clips"].save(key, ContentFile(b"film"))
    clip.files.create(kind="mezzanine", key=key, content_type="video/mp4", sha256="0", bytes=4)
    browser = sign_in(mika)

    browser.post(f"{clip.get_absolute_url()}rename/", {"title": title})
    link = urlsplit(browser.get(f"{clip.get_absolute_url()}download/").url)
    answer = Client(headers={"host": site.MEDIA_HOST}, raise_request_exception=False).get(link.path)

    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:443", "127.0.0.1."])
def test_the_media_host_serves_no_page_however_it_is_written(client, host):
    answer = client.get("/account/login/", headers={"host": host})

    assert answer.status_code in (302, 400)
    assert answer.status_code == 400 or answer.url == f"{site.SITE_URL}/account/login/"
    assert "Content-Security-Policy" in answer.headers
    assert not answer.cookies


def test_a_name_of_another_site_is_refused_and_never_repeated(client):
    for door in ("/", "/account/login/", "/create/"):
        answer = client.get(door, headers={"host": "evil.test"})
        assert answer.status_code == 400
        assert "evil.test" not in answer.content.decode()
    assert client.get("/create/", headers={"x-forwarded-host": "evil.test"}).url.startswith("/account/login/")


def test_a_cookie_that_no_browser_was_given_is_no_session(client):
    cookie = f'{site.SESSION_COOKIE_NAME}="\\000{"a" * 31}"'

    assert client.get("/", headers={"cookie": cookie}).status_code == 200


@pytest.mark.django_db(transaction=True)
async def test_a_line_that_broke_while_it_was_opened_is_not_counted_for_ever(monkeypatch):
    channel_layers.backends.clear()
    consumers._open.clear()
    viewer = access.Viewer("user.1", "1", frozenset({uuid.uuid4()}), "en")
    monkeypatch.setattr(access, "viewer", lambda key: viewer)

    async def gone(*_):
        raise RedisGone

    monkeypatch.setattr("channels.layers.InMemoryChannelLayer.group_add", gone)
    socket = WebsocketCommunicator(consumers.JobConsumer.as_asgi(), "/ws/jobs/")
    await socket.connect(timeout=PATIENCE)
    await socket.wait(PATIENCE)

    assert not consumers._open


def test_a_socket_with_such_a_cookie_has_no_viewer():
    assert access.viewer("\0" + "a" * 31) is None


@pytest.mark.parametrize("name", ["GOING_AWAY", "BAD_DATA", "NOT_ALLOWED", "TRY_LATER", "TOO_MANY"])
def test_the_server_can_send_the_code_a_line_is_cut_with(name):
    """daphne breaks on others, and the page then hears of an error of ours (1011)."""
    assert 3000 <= getattr(consumers, name) <= 4999
