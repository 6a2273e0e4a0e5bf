"""Profiles: handles, followers, blocked and muted people."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from accounts.models import User
from accounts.viewer import Viewer
from gallery.models import Comment, Follow, FormerHandle, Playlist, PlaylistEntry, Profile, ViewerSettings, Work
from gallery.people import services
from gallery.reactions import slots
from tests.factories import UserFactory
from tests.gallery.works import create_clip, publish

pytestmark = pytest.mark.django_db


def claim(user, handle):
    return services.claim_handle(workspace=user.workspaces.get(), handle=handle, by=user)


def test_handles_that_are_malformed_or_reserved_are_refused(subtests):
    mika = UserFactory()
    for handle in ("ab", "a" * 31, "Ａdmin", "admin", "Settings", "stories", ".well-known", "a b", "\u212aite", ""):
        with subtests.test(handle=handle), pytest.raises(services.HandleRefused):
            claim(mika, handle)

    assert not Profile.objects.exists()


def test_old_handle_is_kept_for_its_owner_for_90_days():
    mika, ren = UserFactory(), UserFactory()
    profile = claim(mika, "@Mika_01")
    claim(mika, "mika")

    with pytest.raises(services.HandleRefused):
        claim(ren, "mika_01")
    assert services.find_by_former_handle("mika_01") == profile

    FormerHandle.objects.update(ends_at=profile.created_at - timedelta(seconds=1))
    assert services.find_by_former_handle("mika_01") is None
    assert claim(ren, "mika_01").handle == "mika_01"


def test_handle_changes_once_in_30_days():
    mika = UserFactory()
    profile = claim(mika, "mika")
    claim(mika, "mika_draws")

    with pytest.raises(services.HandleRefused):
        claim(mika, "mika")

    profile.refresh_from_db()
    Profile.objects.update(handle_changed_at=profile.handle_changed_at - services.CHANGE_PERIOD)
    assert claim(mika, "mika").handle == "mika"


def test_profile_shows_public_works_only(work, client, mika):
    hidden = publish(create_clip(mika, has_files=False, title="Hidden"), visibility="unlisted")
    services.save_profile(
        workspace=work.workspace, by=mika, handle="mika", bio="Line one\n<b>two", links=["https://example.test/me"],
        defaults={},
    )  # fmt: skip

    mika.avatar = storages["clips"].save("avatars/a.webp", ContentFile(b"avatar"))
    mika.save()

    page = client.get("/@mika/").content.decode()

    picture = urlsplit(re.search(r'<img src="([^"]*/media/[^"]+)"', page)[1])
    assert b"".join(client.get(picture.path, headers={"Host": picture.netloc})) == b"avatar"
    assert work.title in page and hidden.title not in page and mika.email not in page
    assert "Line one<br>&lt;b&gt;two" in page
    assert 'rel="nofollow ugc noopener noreferrer me">example.test/me</a>' in page
    assert str(work.pk) not in page and str(work.workspace_id) not in page


def test_author_without_a_name_is_shown_by_their_handle(work, client, mika):
    User.objects.filter(pk=mika.pk).update(name="", email="private.person@example.test")
    Comment.objects.create(work=work, user=mika, text="Thank you.")

    lists = ("/", "/explore/", "/explore/feed.atom", "/@mika/feed.atom")
    for address in (*lists, work.get_absolute_url(), "/@mika/", "/@mika/report/"):
        page = client.get(address).content.decode()
        assert "mika" in page and "private.person" not in page


def test_pages_of_people_make_at_most_ten_queries(work, mika, ren, sign_in, django_assert_max_num_queries):
    for number in range(3):
        publish(create_clip(mika, has_files=False, title=f"Clip {number}"))
    browser = sign_in(ren)
    browser.get("/@mika/")
    playlist = Playlist.objects.create(workspace=ren.home, title="Trains")
    for position, row in enumerate(Work.objects.all()):
        PlaylistEntry.objects.create(playlist=playlist, work=row, position=position)
    lists = ("/playlists/", playlist.get_absolute_url(), f"/w/{work.code}/save/", f"/w/{work.code}/comments/")
    for path in ("/@mika/", "/@mika/playlists/", "/@mika/templates/", "/following/", *lists):
        with django_assert_max_num_queries(10):
            assert browser.get(path).status_code == 200


def test_reactions_add_three_queries_to_the_page_of_a_work(work, ren, rf, django_assert_num_queries):
    comment = Comment.objects.create(work=work, user=ren, text="Hello")
    Comment.objects.create(work=work, user=ren, text="An answer", answer_to=comment)
    request = rf.get("/")
    request.user, request.viewer = ren, Viewer(ren)
    request.viewer.list_memberships()
    work = Work.objects.select_related("workspace__home_of").get()

    with django_assert_num_queries(3):
        slots.render_actions({"request": request, "work": work})
        assert "Hello" in slots.render_comments({"request": request, "work": work})


def test_other_spellings_and_old_handles_lead_to_the_profile(work, client, mika):
    claim(mika, "mika_draws")

    assert client.get("/@Mika_Draws/").headers["Location"] == "/@mika_draws/"
    assert client.get("/@mika/playlists/").headers["Location"] == "/@mika_draws/playlists/"
    assert client.get("/@nobody/").status_code == 404
    assert client.get("/@mika_draws/?after=edited").status_code == 400
    User.objects.update(closing_at=mika.date_joined)
    assert client.get("/@mika_draws/").status_code == 404


def test_followed_authors_are_counted_and_their_works_listed(work, mika, ren, sign_in):
    browser = sign_in(ren)
    assert "You follow nobody yet" in browser.get("/following/").content.decode()
    for _ in range(2):
        browser.post("/@mika/follow/", {"follow": "1"})

    assert Profile.objects.get(handle="mika").follower_count == Follow.objects.count() == 1
    assert work.title in browser.get("/following/").content.decode()
    assert browser.post("/@ren/follow/", {"follow": "1"}).status_code == 403

    sign_in(mika).post("/@ren/block/", {"on": "1"})
    assert Profile.objects.get(handle="mika").follower_count == Follow.objects.count() == 0


def test_settings_change_the_profile(mika, sign_in, settings):
    browser = sign_in(mika)
    defaults = {"visibility": "public", "licence": "by"}
    form = defaults | {"handle": "Mika_2", "bio": "Hello", "links": "https://example.test\n"}
    assert browser.post("/settings/gallery/", form).status_code == 302
    profile = Profile.objects.get()
    assert (profile.handle, profile.links) == ("mika_2", ["https://example.test"])
    assert profile.defaults == defaults

    for wrong in (
        {"links": "http://example.test"}, {"links": "javascript:alert(1)"}, {"links": "https://a@example.test"},
        {"links": "\n".join(f"https://{n}.test" for n in range(4))}, {"bio": "a\u202eb"}, {"bio": "x" * 501},
        {"handle": "admin"}, {"handle": "mika_3"},
    ):  # fmt: skip
        assert browser.post("/settings/gallery/", form | wrong).status_code == 422, wrong
    profile.refresh_from_db()
    assert (profile.handle, profile.bio) == ("mika_2", "Hello")

    assert browser.post("/settings/gallery/mature/", {"mature": "show"}).status_code == 404
    settings.GALLERY_MATURE = True
    assert browser.post("/settings/gallery/mature/", {"mature": "never"}).status_code == 422
    assert browser.post("/settings/gallery/mature/", {"mature": "blur"}).status_code == 302
    assert ViewerSettings.objects.get().mature == "blur"


def test_without_a_gallery_nothing_of_people_exists(work, ren, sign_in, settings):
    settings.GALLERY = "off"
    browser = sign_in(ren)
    for path in ("/@mika/", "/following/", "/settings/gallery/", "/playlists/", f"/w/{work.code}/comments/"):
        assert browser.get(path).status_code == 404
    assert browser.post(f"/w/{work.code}/like/", {"like": "1"}).status_code == 404
    assert "/settings/gallery/" not in browser.get("/settings/").content.decode()
