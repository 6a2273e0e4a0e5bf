"""Requests for rows of other users, requests sent twice or at the wrong moment, and forged headers and hosts."""

import base64
import uuid
from itertools import product
from urllib.parse import urlsplit

import pytest
from channels.layers import channel_layers
from channels.testing import WebsocketCommunicator
from django.conf import settings as site
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisGone

from accounts.access import get_home
from accounts.models import Workspace
from accounts.sign_in.session_lifetime import find_viewer
from accounts.viewer import Viewer
from generation.media import storage
from generation.models import Clip, Picture
from jobs import services
from jobs.account_data import job_kinds as account_data_jobs
from jobs.account_data import views as account_data_views
from jobs.account_data.job_kinds import export_key
from jobs.lifecycle import transitions
from jobs.live import close_codes, consumers, feeds
from jobs.models import Job, State
from tests.processes import TIMEOUT
from tests.sweep import sweep

pytestmark = pytest.mark.django_db
FORM = {"prompt": "rain on the roofs", "seconds": 2, "resolution": 480}
REDIRECTING_FORMS = [("/settings/theme/", {"theme": "dark"}), ("/jobs/bulk/", {"act": "delete"})]


def fail(job):
    transitions.move(job, State.FAILED, error_code="broken", error_public="It broke.")
    return job


# --- Rows of other users ---------------------------------------------------------------------------------------


@pytest.fixture
def create_export(mika, tmp_path):
    """``create_export(by=ren)`` creates an export of Mika's that failed, was retried by Ren, and is ready."""

    def create(by):
        first = fail(account_data_jobs.request_export(mika))
        retried = services.retry(first, by=by)
        storages["clips"].save(export_key(retried.pk), ContentFile(b"export of Mika"))
        Job.objects.filter(pk=retried.pk).update(state=State.READY, finished_at=timezone.now())
        return retried

    return create


def test_an_administrator_who_retries_an_export_does_not_receive_it(create_export, ren, mika, sign_in):
    export = create_export(by=ren)

    assert list(account_data_views.list_exports(ren)) == []
    assert list(account_data_views.list_exports(mika)) == [export]
    assert sign_in(mika).get(reverse("jobs:job", args=[export.pk])).status_code == 200


@pytest.mark.parametrize("name", ["picture", "continues"])
def test_a_form_cannot_use_a_picture_or_clip_of_another_user(sign_in, mika, ren, request_clips, name):
    fields = {"key": "p/canary.png", "width": 99, "height": 99, "bytes": 1, "sha256": "0" * 64}
    foreign = (
        request_clips(mika)[0] if name == "continues" else Picture.objects.create(workspace=get_home(mika), **fields)
    )

    response = sign_in(ren).post("/create/", FORM | {name: foreign.pk})
    missing = sign_in(ren).post("/create/", FORM | {name: uuid.uuid4()})

    assert response.status_code == missing.status_code == 422
    assert "canary" not in response.content.decode()
    assert not Clip.objects.filter(workspace=get_home(ren)).exists()


@pytest.mark.parametrize("is_own", [True, False])
def test_an_image_of_another_workspace_is_not_shown_with_a_clip(sign_in, mika, ren, request_clips, is_own):
    """Ren had access to the image when he requested the clip."""
    workspace = get_home(ren if is_own else mika)
    fields = {"key": "p/canary.png", "width": 99, "height": 99, "bytes": 1, "sha256": "0" * 64}
    clip = request_clips(ren)[0]
    Clip.objects.filter(pk=clip.pk).update(picture=Picture.objects.create(workspace=workspace, **fields))
    fail(clip.job)
    browser, page = sign_in(ren), clip.get_absolute_url()

    pages_with_image = [path for path in (page, f"{page}card/", "/create/", "/clips/")
            if storage.create_link("p/canary.png") in browser.get(path).text.replace("&amp;", "&")]  # fmt: skip

    assert pages_with_image == ([page, f"{page}card/", "/create/", "/clips/"] if is_own else [])


def test_a_bulk_action_changes_only_jobs_of_the_user(sign_in, mika, ren, request_clips):
    foreign, own = request_clips(mika)[0], request_clips(ren)[0]

    for act in ("cancel", "delete", "retry"):
        sign_in(ren).post("/jobs/bulk/", {"act": act, "id": [foreign.job_id, own.job_id]})

    foreign.refresh_from_db()
    assert (foreign.job.state, foreign.deleted_at, foreign.job.deleted_at) == (State.QUEUED, None, None)


def test_undo_works_only_in_the_session_that_deleted(sign_in, mika, ren, request_clips):
    clips = request_clips(mika, takes=2)
    mikas_browser = sign_in(mika)
    mikas_browser.post("/jobs/bulk/", {"act": "delete", "id": [clip.job_id for clip in clips]})
    (token,) = mikas_browser.session["jobs_undo"]

    sign_in(ren).post(f"/jobs/undo/{token}/")
    assert Clip.objects.shown().count() == 0
    mikas_browser.post(f"/jobs/undo/{token}/")
    assert Clip.objects.shown().count() == 2


# --- Sent twice or at the wrong moment ------------------------------------------------------------------------------


def test_a_form_resent_after_a_retry_gives_the_same_clip(sign_in, mika):
    browser = sign_in(mika)
    first = browser.post("/create/", FORM | {"idem_key": "one"})
    services.retry(fail(Job.objects.get()), by=mika)

    resent = browser.post("/create/", FORM | {"idem_key": "one"})

    assert (resent.status_code, resent.url) == (302, first.url)
    assert Clip.objects.count() == 1


def test_a_resent_form_whose_clip_was_purged_is_refused(sign_in, mika):
    browser = sign_in(mika)
    browser.post("/create/", FORM | {"idem_key": "one"})
    retried = services.retry(fail(Job.objects.get()), by=mika)
    services.purge(fail(retried))

    assert browser.post("/create/", FORM | {"idem_key": "one"}).status_code == 409


@pytest.mark.parametrize(("action", "added"), [("retry", 1), ("vary", 3)])
def test_a_button_pressed_twice_is_one_request(sign_in, mika, request_clips, action, added):
    browser, clip = sign_in(mika), request_clips(mika)[0]

    responses = [browser.post(f"{clip.get_absolute_url()}{action}/", {"idem_key": "twice"}) for _ in range(2)]

    assert responses[0].url == responses[1].url != clip.get_absolute_url()
    assert Clip.objects.count() == 1 + added


def test_an_idempotency_key_with_a_null_character_is_not_used(sign_in, mika, request_clips):
    clip = request_clips(mika)[0]

    response = sign_in(mika).post(f"{clip.get_absolute_url()}retry/", {"idem_key": "a\0b"})

    assert response.status_code == 302
    assert Clip.objects.count() == 2


def test_a_retry_restores_a_clip_from_the_trash(sign_in, mika, request_clips):
    clip = request_clips(mika)[0]
    fail(clip.job)
    services.delete(clip.job, by=mika)

    sign_in(mika).post(reverse("jobs:retry", args=[clip.job_id]))

    clip.refresh_from_db()
    assert (clip.deleted_at, clip.job.deleted_at, clip.job.state) == (None, None, State.QUEUED)


# --- Forged headers, hosts and cookies ---------------------------------------------------------------------------


REFERERS = ["http://testserver//e.test/x", "http://testserver/\\e.test/x", "foo", "http://["]


def test_a_redirect_back_stays_on_this_site(sign_in, mika):
    browser = sign_in(mika)
    cases = product(REDIRECTING_FORMS, ("referer", "hx-current-url"), REFERERS, ({}, {"hx-request": "true"}))

    with sweep(cases) as rows:
        for (url, form), header, referer, htmx in rows:
            with rows.row(url, header, referer, htmx):
                response = browser.post(url, form, headers={header: referer} | htmx)
                target = response.headers.get("Location") or response.headers["HX-Redirect"]
                assert response.status_code in (200, 302)
                assert target.startswith("/")
                assert target[1:2] not in ("/", "\\")


def test_a_forged_cursor_is_refused(sign_in, mika):
    browser = sign_in(mika)
    times = ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-01-01", "x"]

    with sweep(product(("/clips/", "/jobs/"), times)) as rows:
        for page, time in rows:
            with rows.row(page, time):
                cursor = base64.urlsafe_b64encode(f"{time}|{uuid.uuid4()}".encode()).decode()
                assert browser.get(page, {"after": cursor}).status_code == 400


def test_chips_contain_no_character_that_a_database_refuses(sign_in, mika):
    response = sign_in(mika).post("/create/", FORM | {"chips_off": ["mood:a\0b", "mood:calm"]})

    assert response.status_code == 302
    assert Clip.objects.get().chips_off == ["mood:calm"]


def test_a_clip_with_any_title_can_be_downloaded(sign_in, mika, request_clips):
    clip = request_clips(mika)[0]
    key = f"clips/{clip.pk}.mp4"
    storages["clips"].save(key, ContentFile(b"film"))
    clip.files.create(kind="mezzanine", key=key, content_type="video/mp4", sha256="0", bytes=4)
    browser = sign_in(mika)

    with sweep(["one\ntwo", "one\rtwo", 'a";x="b', "\u202e4pm.exe", "../../etc", "文" * 120]) as rows:
        for title in rows:
            with rows.row(repr(title)):
                browser.post(f"{clip.get_absolute_url()}rename/", {"title": title})
                link = urlsplit(browser.get(f"{clip.get_absolute_url()}download/").url)
                media = Client(headers={"host": site.MEDIA_HOST}, raise_request_exception=False)
                response = media.get(link.path)
                assert response.status_code == 200
                assert response.headers["Content-Disposition"].startswith("attachment; filename")


def test_the_media_host_serves_no_page_in_any_spelling(client):
    with sweep(["127.0.0.1", "127.0.0.1:443", "127.0.0.1."]) as rows:
        for host in rows:
            with rows.row(host):
                response = client.get("/account/login/", headers={"host": host})
                assert response.status_code in (302, 400)
                assert response.status_code == 400 or response.url == f"{site.SITE_URL}/account/login/"
                assert "Content-Security-Policy" in response.headers
                assert not response.cookies


def test_a_foreign_host_name_is_refused_and_never_repeated(client):
    for path in ("/", "/account/login/", "/create/"):
        response = client.get(path, headers={"host": "evil.test"})
        assert response.status_code == 400
        assert "evil.test" not in response.content.decode()
    assert client.get("/create/", headers={"x-forwarded-host": "evil.test"}).url.startswith("/account/login/")


def test_a_forged_session_cookie_is_no_session(client):
    cookie = f'{site.SESSION_COOKIE_NAME}="\\000{"a" * 31}"'

    assert client.get("/", headers={"cookie": cookie}).status_code == 200


@pytest.mark.django_db(transaction=True)
async def test_a_socket_that_broke_while_connecting_is_not_counted_as_open(monkeypatch):
    channel_layers.backends.clear()
    consumers._open.clear()
    viewer = Viewer(AnonymousUser(), guest_workspace=Workspace(pk=uuid.uuid4()))
    monkeypatch.setattr(feeds, "find_viewer", lambda key: viewer)

    async def raise_error(*_):
        raise RedisGone

    monkeypatch.setattr("channels.layers.InMemoryChannelLayer.group_add", raise_error)
    socket = WebsocketCommunicator(consumers.JobConsumer.as_asgi(), "/ws/jobs/")
    await socket.connect(timeout=TIMEOUT)
    await socket.wait(TIMEOUT)

    assert not consumers._open


def test_a_socket_with_a_forged_cookie_has_no_viewer():
    assert find_viewer("\0" + "a" * 31) is None


def test_close_codes_of_sockets_can_be_sent():
    """daphne breaks on codes outside this range, and the page then gets an error (1011)."""
    names = ["GOING_AWAY", "BAD_DATA", "NOT_ALLOWED", "TRY_LATER", "TOO_MANY"]

    assert [name for name in names if not 3000 <= getattr(close_codes, name) <= 4999] == []
