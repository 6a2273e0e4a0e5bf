"""Publishing, changing, withdrawing and replacing works, on the page of their author."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Membership
from accounts.staff_roles import StaffRole, change_roles
from gallery.models import Case, Decision, Profile, Work
from gallery.works.tags import TagRefused, parse_tags
from tests.factories import UserFactory
from tests.sweep import sweep

FORM = {
    "visibility": "public", "title": "The train", "description": "", "tags": "", "licence": "reserved",
    "handle": "kaede",
}  # fmt: skip


def page_of(clip):
    return reverse("gallery:publish_clip", args=[clip.pk])


@pytest.fixture
def kaede(db):
    """A user without a profile."""
    return UserFactory(name="Kaede", email="kaede@example.test")


@pytest.fixture
def clip(kaede, create_clip, public_gallery):
    return create_clip(kaede)


@pytest.fixture
def browser(kaede, sign_in):
    return sign_in(kaede)


def test_author_publishes_shares_and_withdraws(browser, clip, client, create_clip, kaede):
    page = page_of(clip)
    assert "Your handle" in browser.get(page).content.decode()

    values = FORM | {"tags": "＃Ａｎｉｍｅ, train", "shows_prompt": "on"}
    values["description"] = "See https://example.test/a.\n<script>"
    assert browser.post(page, values).status_code == 302
    work = Work.objects.get()
    assert (work.visibility, work.prompt, work.workspace.profile.handle) == ("public", clip.prompt, "kaede")
    assert list(work.work_tags.values_list("tag__name", flat=True)) == ["anime", "train"]
    shown = client.get(f"/w/{work.code}/").content.decode()
    assert '<a class="link break" href="https://example.test/a" rel="nofollow ugc noopener noreferrer">' in shown
    assert "&lt;script&gt;" in shown and clip.prompt in shown

    browser.post(page, FORM | {"visibility": "unlisted"})
    work.refresh_from_db()
    secret = work.get_absolute_url()
    assert client.get(f"/w/{work.code}/").status_code == 404
    assert client.get(secret).headers["X-Robots-Tag"] == "noindex, nofollow"
    browser.post(page, {"act": "renew_link"})
    work.refresh_from_db()
    assert client.get(secret).status_code == 404 and client.get(work.get_absolute_url()).status_code == 200

    work.workspace.profile.defaults = {"visibility": "private", "licence": "by"}
    work.workspace.profile.save()
    another = browser.get(page_of(create_clip(kaede))).context["form"]
    assert (another["visibility"].value(), another["licence"].value()) == ("private", "by")

    assert "This work was withdrawn" not in browser.get(page).content.decode()
    browser.post(page, {"act": "withdraw"})
    assert client.get(work.get_absolute_url()).status_code == 404
    assert "This work was withdrawn" in browser.get(page).content.decode()
    assert AuditEvent.objects.filter(verb__startswith="work.").values_list("verb", flat=True).count() == 4


REFUSED = {
    "no title": {"title": "  "},
    "invisible title": {"title": "\u200b\u2060"},
    "writing direction": {"title": "abc\u202egpj"},
    "control character": {"description": "a\x07b"},
    "long title": {"title": "🎬" * 121},
    "nine tags": {"tags": "a,b,c,d,e,f,g,h,i"},
    "long tag": {"tags": "a" * 25},
    "handle": {"handle": "Ａdmin"},
    "reserved handle": {"handle": "admin"},
    "no handle": {"handle": ""},
    "licence": {"licence": "cc-nd"},
    "visibility": {"visibility": "everybody"},
    "no visibility": {"visibility": ""},
}


def test_invalid_form_publishes_nothing(browser, clip):
    with sweep(REFUSED.items()) as rows:
        for name, values in rows:
            with rows.row(name):
                response = browser.post(page_of(clip), FORM | values)
                assert response.status_code == 422
                assert not Work.objects.exists() and not Profile.objects.exists()


def test_only_editors_publish_and_only_ready_clips(browser, clip, kaede, ren, sign_in, settings):
    viewer = UserFactory(email="viewer@example.test")
    Membership.objects.create(user=viewer, workspace=clip.workspace, role="viewer")
    unready, deleted = (
        type(clip).objects.create(
            workspace=clip.workspace, job=None, title="-", seed=1, frames=1, take=n, request=clip.request,
            ready_at=ready, deleted_at=gone,
        )
        for n, ready, gone in ((2, None, None), (3, timezone.now(), timezone.now()))
    )  # fmt: skip

    assert browser.post(page_of(deleted), FORM).status_code == browser.get(page_of(unready)).status_code == 404
    assert sign_in(ren).post(page_of(clip), FORM).status_code == 404
    assert sign_in(viewer).post(page_of(clip), FORM).status_code == 403
    assert Client().post(page_of(clip), FORM).url.startswith("/account/login/")
    assert browser.post(page_of(clip), FORM | {"rating": "mature"}).status_code == 302
    assert Work.objects.get().rating == "all", "mature works are not allowed here"
    settings.GALLERY = "off"
    assert browser.get(page_of(clip)).status_code == 404


def test_publishing_is_limited_by_day(browser, clip, create_clip, kaede, settings):
    settings.ACCOUNT_RATE_LIMITS = {"publish": "1/d/user"}
    assert browser.post(page_of(clip), FORM).status_code == 302
    refused = browser.post(page_of(create_clip(kaede)), FORM)
    assert (refused.status_code, Work.objects.count()) == (429, 1)


def test_first_works_wait_for_an_operator(browser, clip, client, settings):
    settings.FIRST_LOOK = "first"
    browser.post(page_of(clip), FORM)

    work = Work.objects.get()
    assert work.state == "waiting"
    assert client.get(work.get_absolute_url()).status_code == 404
    assert "until an administrator has looked at it" in browser.get(work.get_absolute_url()).content.decode()


def test_new_text_of_an_approved_work_waits_again(browser, clip, client, settings, kaede):
    settings.FIRST_LOOK = "all"
    browser.post(page_of(clip), FORM)
    case = Case.objects.create(work=Work.objects.get())
    Decision.objects.create(case=case, act=Decision.Act.KEEP)
    Work.objects.update(state="shown")
    assert "an administrator looks at the work again" in browser.get(page_of(clip)).text

    browser.post(page_of(clip), FORM | {"licence": "by"})
    assert Work.objects.get().state == "shown", "the text is the same"
    seen = Work.objects.get().version
    for change in ({"tags": "another"}, {"tags": "another", "title": "Another title"}):
        Work.objects.update(state="shown")
        browser.post(page_of(clip), FORM | change)
        assert Work.objects.get().state == "waiting"
        assert client.get(Work.objects.get().get_absolute_url()).status_code == 404
    assert Work.objects.get().version != seen, "an operator approves only what they saw"
    Work.objects.update(state="shown")
    browser.post(page_of(clip), FORM | {"visibility": "private"})
    browser.post(page_of(clip), FORM)
    assert Work.objects.get().state == "waiting"


def test_only_a_moderator_publishes_without_a_first_look(browser, clip, kaede, settings):
    settings.FIRST_LOOK = "all"
    change_roles(kaede, {StaffRole.MONEY}, by=None)
    browser.post(page_of(clip), FORM)
    assert Work.objects.get().state == "waiting"
    Work.objects.all().delete()
    change_roles(kaede, {StaffRole.MODERATOR}, by=None)
    browser.post(page_of(clip), FORM)
    assert Work.objects.get().state == "shown"


def test_clip_with_effects_replaces_the_file_of_a_work(browser, clip, create_clip, kaede, client):
    browser.post(page_of(clip), FORM)
    work = Work.objects.get()
    Work.objects.update(like_count=3)
    brighter = create_clip(kaede, effects_source=clip, provider="effects", source_provider="animatic")
    assert "Replace the file" in browser.get(page_of(brighter)).content.decode()

    browser.post(page_of(brighter), {"act": "replace"})

    after = Work.objects.get()
    assert (after.clip, after.code, after.revision, after.like_count) == (brighter, work.code, 2, 3)
    assert f"/p/{work.code}/2/film.mp4" in client.get(work.get_absolute_url()).content.decode()


def test_tags_have_one_spelling():
    assert parse_tags("＃Ａｎｉｍｅ、anime ,  Straße;ﾈｺ") == ["anime", "strasse", "ネコ"]
    with pytest.raises(TagRefused):
        parse_tags("ﷺ" * 2)  # 36 letters when normalised
