"""Name, picture, language and theme settings."""

from io import BytesIO

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.access import get_home
from accounts.hooks import AccountHooks
from tests.hooks import use_only

pytestmark = pytest.mark.django_db


def picture(kind="PNG", size=(200, 100)):
    file = BytesIO()
    Image.new("RGB", size, "#c92c18").save(file, kind)
    return SimpleUploadedFile(f"me.{kind.lower()}", file.getvalue())


def list_avatars() -> list[str]:
    return storages["clips"].listdir("avatars")[1] if storages["clips"].exists("avatars") else []


def test_changing_the_name_renames_the_workspace(sign_in, mika):
    browser = sign_in(mika)

    page = browser.post("/settings/", {"name": "Mika  山本 "}, follow=True).content.decode()

    mika.refresh_from_db()
    assert mika.name == get_home(mika).name == "Mika 山本"
    assert "Saved." in page


@pytest.mark.parametrize(("name", "reason"), [("a\u202eb", "control characters"), ("x" * 61, "60 characters")])
def test_invalid_name_is_refused(sign_in, mika, name, reason):
    response = sign_in(mika).post("/settings/", {"name": name})

    mika.refresh_from_db()
    assert response.status_code == 422
    assert reason in response.content.decode()
    assert mika.name == "Mika"


def test_uploaded_picture_is_rebuilt_and_shown(sign_in, mika):
    browser = sign_in(mika)

    page = browser.post("/settings/", {"name": "Mika", "picture": picture()}, follow=True).content.decode()

    mika.refresh_from_db()
    with storages["clips"].open(mika.avatar) as file:
        assert Image.open(file).size == (256, 256)
    assert mika.avatar_url.replace("&", "&amp;") in page or "avatars/" in page


def test_new_picture_replaces_the_old_one(sign_in, mika, django_capture_on_commit_callbacks):
    browser = sign_in(mika)

    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            browser.post("/settings/", {"name": "Mika", "picture": picture()})

    mika.refresh_from_db()
    assert [f"avatars/{name}" for name in list_avatars()] == [mika.avatar]


def test_picture_can_be_deleted(sign_in, mika, django_capture_on_commit_callbacks):
    browser = sign_in(mika)
    browser.post("/settings/", {"name": "Mika", "picture": picture()})

    with django_capture_on_commit_callbacks(execute=True):
        browser.post("/settings/picture/delete/")

    mika.refresh_from_db()
    assert mika.avatar == ""
    assert list_avatars() == []


@pytest.mark.parametrize(("language", "reason"), [("en", "read this file as an image"), ("zh-hans", "JPEG")])
def test_invalid_picture_is_refused_with_a_reason(sign_in, mika, language, reason):
    browser = sign_in(mika)
    browser.post("/i18n/setlang/", {"language": language})
    upload = SimpleUploadedFile("me.png", b"<svg onload=alert(1)>")

    response = browser.post("/settings/", {"name": "Other", "picture": upload})

    mika.refresh_from_db()
    assert response.status_code == 415
    assert reason in response.content.decode()
    assert (mika.name, mika.avatar, list_avatars()) == ("Mika", "", [])


def test_profile_pictures_are_rate_limited(sign_in, mika, settings):
    settings.ACCOUNT_RATE_LIMITS = {"avatar": "1/m/user"}
    browser = sign_in(mika)

    statuses = [browser.post("/settings/", {"name": "Mika", "picture": picture()}).status_code for _ in range(2)]

    assert statuses == [302, 429]
    assert browser.post("/settings/", {"name": "Mika K."}).status_code == 302


def test_picture_upload_is_hidden_without_a_rebuilder(sign_in, mika, monkeypatch):
    use_only(monkeypatch, AccountHooks, rebuild_avatar=None)

    assert 'type="file"' not in sign_in(mika).get("/settings/").content.decode()


def test_language_theme_and_shortcuts_are_saved(sign_in, mika):
    browser = sign_in(mika)

    page = browser.post("/settings/look/", {"language": "zh-hans", "theme": "dark"}, follow=True).content.decode()

    mika.refresh_from_db()
    assert (mika.language, mika.theme, mika.shortcuts) == ("zh-hans", "dark", False)
    assert '<html lang="zh-hans" data-theme="dark"' in page
    assert 'data-shortcuts="off"' in page


def test_unknown_language_is_refused(sign_in, mika):
    response = sign_in(mika).post("/settings/look/", {"language": "tlh", "theme": "dark"})

    mika.refresh_from_db()
    assert response.status_code == 422
    assert mika.theme == "auto"


def test_theme_switch_works_on_any_page_and_persists(sign_in, mika):
    browser = sign_in(mika)

    response = browser.post("/settings/theme/", {"theme": "dark"}, headers={"Referer": "http://testserver/jobs/?x=1"})

    mika.refresh_from_db()
    assert response.url == "/jobs/?x=1"
    assert mika.theme == "dark"


def test_second_email_address_requires_the_password(sign_in, mika):
    refused = sign_in(mika).post("/account/email/", {"action_add": "", "email": "two@example.test"})
    sign_in(mika, has_reauthenticated=True).post("/account/email/", {"action_add": "", "email": "two@example.test"})

    assert "/account/reauthenticate/" in refused.url
    assert mika.emailaddress_set.filter(email="two@example.test").exists()
