"""Likes, playlists and comments."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from gallery.models import Block, Comment, Follow, Like, Playlist, PlaylistEntry, Profile, Work
from gallery.reactions.comments import set_comment_state
from tests.factories import UserFactory
from tests.gallery.works import create_clip, create_profile, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(settings, ren, sign_in):
    """The browser of Ren, whose account is old enough for everything, on a site without rates."""
    settings.ACCOUNT_RATE_LIMITS = {}
    User.objects.update(date_joined=timezone.now() - timedelta(days=30))
    return sign_in(ren)


def counts_of(work):
    work.refresh_from_db()
    return work.like_count, work.save_count, work.comment_count


def test_like_counts_once_and_is_taken_back(work, reader):
    score = work.score
    for _ in range(2):
        assert reader.post(f"/w/{work.code}/like/", {"like": "1"}).status_code == 302
    assert counts_of(work)[0] == Like.objects.count() == 1
    assert work.score > score
    liked = work.score

    for _ in range(2):
        reader.post(f"/w/{work.code}/like/", {"like": "0"})
    assert counts_of(work)[0] == Like.objects.count() == 0
    assert work.score < liked


def test_unlisted_work_is_liked_by_its_link_only(work, reader):
    work.visibility = Work.Visibility.UNLISTED
    work.renew_share_token()
    work.save()

    assert reader.post(f"/w/{work.code}/like/", {"like": "1"}).status_code == 404
    assert reader.post(f"/u/{work.share_token}/like/", {"like": "1"}).status_code == 302
    assert counts_of(work)[0] == 1


def test_likes_of_new_accounts_do_not_move_the_score(work, sign_in):
    before = Work.objects.get().score
    browser = sign_in(UserFactory())
    User.objects.update(date_joined=timezone.now() - timedelta(hours=2))

    browser.post(f"/w/{work.code}/like/", {"like": "1"})

    assert counts_of(work)[0] == 1 and not Like.objects.get().counts
    assert work.score == before


def test_one_network_raises_the_score_once_a_day(work, reader, sign_in):
    second = UserFactory()
    User.objects.update(date_joined=timezone.now() - timedelta(days=30))
    addresses = {"REMOTE_ADDR": "203.0.113.7"}, {"REMOTE_ADDR": "203.0.113.99"}, {"REMOTE_ADDR": "198.51.100.1"}

    for on in "101":
        reader.post(f"/w/{work.code}/like/", {"like": on}, **addresses[0])
    assert Like.objects.get().counts
    for address, counts in zip(addresses[1:], (False, True), strict=True):
        sign_in(second).post(f"/w/{work.code}/like/", {"like": "1"}, **address)
        assert Like.objects.get(user=second).counts == counts
        sign_in(second).post(f"/w/{work.code}/like/", {"like": "0"})


def test_new_account_reacts_after_an_hour_on_a_public_site_only(settings, work, sign_in):
    browser = sign_in(UserFactory())
    page = browser.get(f"/w/{work.code}/").text
    assert "You can like, save and comment in 60 minutes." in page and 'name="text"' not in page
    assert 'id="work-like"' not in page, "the button is disabled"
    for path, data in (("like", {"like": "1"}), ("comments", {"text": "Nice"}), ("save", {"playlist": "saved"})):
        assert browser.post(f"/w/{work.code}/{path}/", data).status_code == 403
    assert counts_of(work) == (0, 0, 0)

    settings.GALLERY = "members"
    assert "You can like" not in browser.get(f"/w/{work.code}/").text
    assert browser.post(f"/w/{work.code}/like/", {"like": "1"}).status_code == 302


def test_own_work_is_not_liked(work, mika, sign_in):
    assert sign_in(mika).post(f"/w/{work.code}/like/", {"like": "1"}).status_code == 403
    assert counts_of(work)[0] == 0


def test_blocked_reader_changes_nothing_through_an_old_tab(work, mika, ren, reader):
    comment = Comment.objects.create(work=work, user=mika, text="Thanks")
    Block.objects.create(user=mika, profile=create_profile(ren), kind=Block.Kind.BLOCK)

    requests = [
        (f"/w/{work.code}/like/", {"like": "1"}),
        (f"/w/{work.code}/save/", {"playlist": "saved", "title": "New"}),
        (f"/w/{work.code}/comments/", {"text": "Hello"}),
        (f"/w/{work.code}/comments/", {"text": "Hello", "answer_to": comment.code}),
        ("/@mika/follow/", {"follow": "1"}),
    ]
    for path, data in requests:
        assert reader.post(path, data).status_code == 403, path
        response = reader.post(path, data, headers={"HX-Request": "true"})
        assert response.status_code == 403 and response["HX-Reswap"] == "none" and b"toast" in response.content

    assert reader.get(f"/w/{work.code}/report/").status_code == 200
    assert counts_of(work) == (0, 0, 0)
    assert not (Like.objects.exists() or Playlist.objects.exists() or Follow.objects.exists())
    assert Comment.objects.count() == 1
    assert "comment-text" not in reader.get(f"/w/{work.code}/").content.decode().replace('class="comment-text"', "")


def test_blocked_writer_cannot_answer_who_blocked_them(work, ren, reader):
    yuki = UserFactory(name="Yuki")
    comment = Comment.objects.create(work=work, user=yuki, text="First")
    Block.objects.create(user=yuki, profile=create_profile(ren), kind=Block.Kind.BLOCK)

    response = reader.post(f"/w/{work.code}/comments/", {"text": "Hello", "answer_to": comment.code})

    assert response.status_code == 403 and Comment.objects.count() == 1


def test_muted_people_vanish_for_who_muted_them(work, mika, ren, reader, client):
    comment = Comment.objects.create(work=work, user=mika, text="canary words")
    Comment.objects.create(work=work, user=ren, text="mine", answer_to=comment)
    assert "canary words" in reader.get(f"/w/{work.code}/comments/").content.decode()

    reader.post("/@mika/mute/", {"on": "1"})

    assert "canary words" not in reader.get(f"/w/{work.code}/comments/").content.decode()
    assert work.title not in reader.get("/@mika/").content.decode()
    assert "canary words" in client.get(f"/w/{work.code}/comments/").content.decode()

    reader.post("/@mika/mute/", {"on": "0"})
    assert "canary words" in reader.get(f"/w/{work.code}/comments/").content.decode()


def test_comment_and_answer_are_shown_and_counted(work, mika, ren, reader, client):
    reader.post(f"/w/{work.code}/comments/", {"text": "Look\n\n\n\nhere <b>", "frame": "36"})
    comment = Comment.objects.get()
    assert comment.text == "Look\n\nhere <b>"
    answer = {"text": "Thanks", "answer_to": comment.code}
    response = reader.post(
        f"/w/{work.code}/comments/", answer, headers={"HX-Request": "true", "HX-Target": f"li#comment-{comment.code}"}
    )
    assert response.status_code == 200 and "Thanks" in response.content.decode()
    reader.post(f"/w/{work.code}/comments/", {"text": "Deeper", "answer_to": Comment.objects.get(text="Thanks").code})

    assert counts_of(work)[2] == Comment.objects.filter(state="shown").count() == 3
    assert Comment.objects.filter(answer_to=comment).count() == 2
    Work.objects.update(revised_at=timezone.now())
    page = client.get(f"/w/{work.code}/").content.decode()
    assert "about an earlier version" in page
    assert "here &lt;b&gt;" in page and 'data-frame="36"' in page and "01+12" in page and "/@ren/" in page


def test_bad_comments_are_refused(work, reader, subtests):
    texts = ("", "\n" * 10_000, "a\n" * 60, "x" * 1001, "bell \x07", "re\u202everse", "nul \0")
    for text in texts:
        with subtests.test(text=text[:10]):
            response = reader.post(f"/w/{work.code}/comments/", {"text": text})
            assert response.status_code == 422
            assert 'role="alert"' in response.content.decode()
    for frame in ("-1", "1e3", "９", "99999999", "9" * 40):
        with subtests.test(frame=frame):
            assert reader.post(f"/w/{work.code}/comments/", {"text": "a", "frame": frame}).status_code == 422
    assert reader.post(f"/w/{work.code}/comments/", {"text": "a", "answer_to": "nobody"}).status_code == 404
    assert reader.get(f"/w/{work.code}/comments/?after=edited").status_code == 400
    assert counts_of(work)[2] == Comment.objects.count() == 0


@pytest.mark.rows
def test_addresses_with_nul_do_not_exist(work, reader):
    assert reader.get("/p/%00234567890/1/film.mp4", HTTP_HOST="127.0.0.1:8000").status_code == 404
    for path in ("/embed/%00/", "/@a%00b/", "/w/%00/", "/u/%00/", "/playlists/%00/", f"/w/{work.code}/comments/%00/"):
        assert reader.get(path).status_code == 404, path
    assert reader.post(f"/w/{work.code}/comments/", {"text": "a", "answer_to": "\0"}).status_code == 404
    assert reader.post(f"/w/{work.code}/save/", {"playlist": "\0", "title": "\0"}).status_code == 422


def test_writer_without_a_profile_chooses_a_handle(settings, work, ren, sign_in):
    settings.GALLERY, settings.ACCOUNT_RATE_LIMITS = "members", {}
    yuki = UserFactory(name="Yuki")
    browser, path = sign_in(yuki), f"/w/{work.code}/comments/"
    assert 'name="handle" value="yuki"' in browser.get(f"/w/{work.code}/").text

    for handle, problem in (
        ("", "Choose a handle"),
        ("ren", "The handle @ren is taken."),
        ("a b", "A handle has 3 to 30"),
    ):
        response = browser.post(path, {"text": "Hello there", "handle": handle})
        assert response.status_code == 422 and problem in response.text and "Hello there" in response.text
    assert not Comment.objects.exists() and not Profile.objects.filter(workspace__home_of=yuki).exists()

    browser.post(path, {"text": "Hello there", "handle": "yuki_draws"})
    browser.post(path, {"text": "Again"})
    page = browser.get(f"/w/{work.code}/").text
    assert Comment.objects.count() == 2 and "/@yuki_draws/" in page and 'name="handle"' not in page


def test_removed_comment_keeps_its_answers(work, mika, ren, reader, sign_in, client):
    comment = Comment.objects.create(work=work, user=ren, text="canary words")
    Comment.objects.create(work=work, user=mika, text="an answer", answer_to=comment)
    Work.objects.update(comment_count=2)
    stranger = sign_in(UserFactory())
    assert stranger.post(f"/w/{work.code}/comments/{comment.code}/remove/").status_code == 403

    assert sign_in(mika).post(f"/w/{work.code}/comments/{comment.code}/remove/").status_code == 302

    page = client.get(f"/w/{work.code}/").content.decode()
    assert "canary words" not in page and "This comment was removed." in page and "an answer" in page
    assert counts_of(work)[2] == Comment.objects.filter(state="shown").count() == 1
    answer = Comment.objects.get(text="an answer")
    path = f"/w/{work.code}/comments/{answer.code}/remove/"
    assert sign_in(mika).post(path, headers={"HX-Request": "true"}).status_code == 200
    assert "This comment was removed." not in client.get(f"/w/{work.code}/").content.decode()


def test_first_link_of_a_new_account_waits_for_an_operator(work, ren, reader, client):
    User.objects.update(date_joined=timezone.now() - timedelta(days=2))
    reader.post(f"/w/{work.code}/comments/", {"text": "see https://example.test"})
    comment = Comment.objects.get()
    assert comment.state == Comment.State.WAITING and counts_of(work)[2] == 0
    assert "example.test" not in client.get(f"/w/{work.code}/").content.decode()
    assert "example.test" in reader.get(f"/w/{work.code}/").content.decode()

    set_comment_state(comment, Comment.State.SHOWN)
    reader.post(f"/w/{work.code}/comments/", {"text": "and www.example.test"})

    assert counts_of(work)[2] == Comment.objects.filter(state="shown").count() == 2


def test_work_without_comments_takes_none(work, reader):
    Work.objects.update(allows_comments=False)

    assert reader.post(f"/w/{work.code}/comments/", {"text": "Hello"}).status_code == 403
    assert not Comment.objects.exists()


def test_work_is_saved_to_playlists_and_counted_once(work, ren, reader):
    form = reader.get(f"/w/{work.code}/save/", headers={"HX-Request": "true", "HX-Target": "div#save-form"})
    assert 'value="saved" checked' in form.content.decode()
    for _ in range(2):
        reader.post(f"/w/{work.code}/save/", {"playlist": "saved", "title": "Trains"})

    saved, trains = Playlist.objects.order_by("-is_saved")
    assert saved.is_saved and trains.title == "Trains"
    assert counts_of(work)[1] == 1 and PlaylistEntry.objects.count() == 2

    reader.post(f"/playlists/{trains.code}/{work.code}/remove/")
    assert counts_of(work)[1] == 1
    reader.post(f"/playlists/{saved.code}/delete/")
    assert counts_of(work)[1] == 0 and work.visibility == Work.Visibility.PUBLIC


def test_playlist_is_private_until_published(work, mika, ren, reader, client):
    reader.post(f"/w/{work.code}/save/", {"title": "Trains"})
    playlist = Playlist.objects.get()
    assert client.get(f"/playlists/{playlist.code}/").status_code == 404
    assert client.post(f"/playlists/{playlist.code}/delete/").status_code == 302  # to the sign-in
    assert "Trains" not in client.get("/@ren/playlists/").content.decode()

    change = {"title": "Trains", "description": "", "visibility": "public"}
    assert reader.post(f"/playlists/{playlist.code}/change/", change | {"title": "a\u202eb"}).status_code == 422
    reader.post(f"/playlists/{playlist.code}/change/", change)

    assert "Trains" in client.get("/@ren/playlists/").content.decode()
    assert work.title in client.get(f"/playlists/{playlist.code}/").content.decode()


def test_withdrawn_work_is_left_out_of_playlists(work, ren, reader, client):
    reader.post(f"/w/{work.code}/save/", {"title": "Trains"})
    Playlist.objects.update(visibility="public")
    code = Playlist.objects.get().code
    Work.objects.update(visibility=Work.Visibility.PRIVATE)

    own = reader.get(f"/playlists/{code}/").content.decode()
    assert "No longer available" in own and work.title not in own
    assert work.title not in client.get(f"/playlists/{code}/").content.decode()


def test_unlisted_work_leaves_playlists_when_its_link_is_renewed(work, ren, reader, client):
    work.visibility = Work.Visibility.UNLISTED
    work.renew_share_token()
    work.save()
    reader.post(f"/u/{work.share_token}/save/", {"title": "Trains"})
    Playlist.objects.update(visibility="public")
    code = Playlist.objects.get().code
    assert work.title in reader.get(f"/playlists/{code}/").content.decode()
    assert work.title not in client.get(f"/playlists/{code}/").content.decode()

    work.renew_share_token()
    work.save()

    assert work.title not in reader.get(f"/playlists/{code}/").content.decode()


def test_works_of_a_playlist_are_ordered(mika, ren, reader, public_gallery):
    works = [publish(create_clip(mika, has_files=False, title=f"Clip {n}")) for n in range(3)]
    playlist = Playlist.objects.create(workspace=ren.workspaces.get(), title="Trains")
    for position, work in enumerate(works, 1):
        PlaylistEntry.objects.create(playlist=playlist, work=work, position=position)

    def titles():
        return [entry.work.title[-1] for entry in playlist.entries.select_related("work")]

    reader.post(f"/playlists/{playlist.code}/{works[2].code}/move/", {"by": "-1"})
    assert titles() == ["0", "2", "1"]
    codes = [works[1].code, "unknown", works[0].code, works[1].code]
    reader.post(f"/playlists/{playlist.code}/order/", {"codes": ",".join(codes)})
    assert titles() == ["1", "2", "0"]
    assert reader.post(f"/playlists/{playlist.code}/{works[2].code}/move/", {"by": "many"}).status_code == 400


def test_limits_of_reactions_are_kept(settings, work, reader):
    settings.ACCOUNT_RATE_LIMITS = {"like": "1/h/user", "comment": "1/h/user", "follow": "1/h/user"}
    for path, data in (
        (f"/w/{work.code}/like/", {"like": "1"}),
        (f"/w/{work.code}/comments/", {"text": "a"}),
        ("/@mika/follow/", {"follow": "1"}),
    ):
        assert reader.post(path, data).status_code == 302
        assert reader.post(path, data).status_code == 429
