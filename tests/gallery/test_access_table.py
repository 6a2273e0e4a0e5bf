"""Every address of the gallery × everybody who may ask × every state of a work, in one sweep."""

from dataclasses import dataclass

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, User
from gallery.models import Ban, Case, Decision, Playlist, PlaylistEntry, Profile, Work
from gallery.works.media import get_media_urls
from tests.factories import UserFactory
from tests.gallery import works
from tests.sweep import sweep

ROLES = ("visitor", "other", "viewer", "editor", "owner", "banned", "operator")
READERS = frozenset(ROLES)
MEMBERS = frozenset({"viewer", "editor", "owner"})
INSIDERS = MEMBERS | {"operator"}
NOBODY = frozenset()
# By the public address: who may open the work in that state.
OPENED_BY_CODE = {
    "private": NOBODY,
    "unlisted": INSIDERS,
    "public": READERS,
    "waiting": INSIDERS,
    "hidden": INSIDERS,
    "removed": INSIDERS,
    "purged": NOBODY,
    "trash": NOBODY,
}
# By the secret link, which a private work had before it was withdrawn.
OPENED_BY_LINK = {
    "private": NOBODY,
    "unlisted": READERS,
    "unlisted, old link": NOBODY,
    "unlisted and hidden": INSIDERS,
    "unlisted and removed": INSIDERS,
    "unlisted in the trash": NOBODY,
    "public": NOBODY,
}
PAGES = {
    "page": "", "subtitles": "captions.vtt", "comments": "comments/", "report": "report/", "save": "save/",
    "remix": "remix/", "like": "like/",
}  # fmt: skip
# everybody opens the page and likes it; what else it leads to asks the same question, of those who differ there
CASES = [
    (role, address) for role in ROLES for address in PAGES
    if address in ("page", "like") or role in ("visitor", "other", "owner", "operator")
]  # fmt: skip
SIGN_IN = {"save", "remix", "like"}  # pages and actions of members
LISTS = {
    "explore": "/explore/", "search": "/explore/?q=canary", "tag": "/explore/tags/canary/", "profile": "/@mika/",
    "playlist": "", "feed": "/explore/feed.atom", "profile feed": "/@mika/feed.atom", "tag feed":
    "/explore/tags/canary/feed.atom", "sitemap": "/sitemap-works.xml", "home": "/",
}  # fmt: skip
MEDIA_HOST = {"HTTP_HOST": "127.0.0.1:8000"}


@dataclass
class Row:
    """A work in one state, with the link to it that is tried."""

    work: Work
    link: str
    media: str


@pytest.fixture
def browsers(db, public_gallery):
    """One browser for each role."""
    users = {name: UserFactory(name=name.title(), email=f"{name}@example.test") for name in ROLES[1:]}
    User.objects.update(date_joined=timezone.now() - timezone.timedelta(days=9))
    User.objects.filter(pk=users["operator"].pk).update(is_staff=True, is_superuser=True)
    owner = users["owner"]
    works.create_profile(owner, "mika")
    for role in ("viewer", "editor"):
        Membership.objects.create(user=users[role], workspace=owner.workspaces.get(), role=role)
    case = Case.objects.create(target_kind="profile", target_label="-")
    decision = Decision.objects.create(case=case, act=Decision.Act.BAN)
    Ban.objects.create(profile=works.create_profile(users["banned"]), decision=decision, scope=Ban.Scope.ALL)
    found = {name: Client() for name in ROLES}
    for name, user in users.items():
        found[name].force_login(user)
    found["author"] = owner
    return found


@pytest.fixture
def rows(browsers):
    """The works of the table by state, each a film in which somebody speaks."""
    return {state: create_row(browsers["author"], state) for state in {**OPENED_BY_CODE, **OPENED_BY_LINK}}


def create_row(owner, state: str) -> Row:
    visibility = "unlisted" if state.startswith(("unlisted", "private")) else "public"
    film = works.create_film(owner)
    choices = {"title": f"canary [{state}]", "tags": ["canary"], "allows_remix": True, "shows_prompt": True}
    work = works.publish(film, by=owner, visibility=visibility, **choices)
    if not work.share_digest:
        work.renew_share_token()
        work.save()
    row = Row(work, f"/u/{work.share_token}/", get_media_urls(work).film)
    change_state(work, film, state)
    work.refresh_from_db()
    return row


def change_state(work: Work, film, state: str) -> None:
    word = state.rpartition(" ")[2]
    if word in ("waiting", "hidden", "removed"):
        Work.objects.filter(pk=work.pk).update(state=word)
    elif word == "private":
        Work.objects.filter(pk=work.pk).update(visibility="private")
    elif word == "trash":
        type(film).objects.filter(pk=film.pk).update(deleted_at=timezone.now())
    elif word == "purged":
        film.delete()
    elif state == "unlisted, old link":
        work.renew_share_token()
        work.save()


def expect(address: str, role: str, opened_by: frozenset, state: str) -> int:
    """Return the status that the role gets for a work which these roles may open."""
    if address in SIGN_IN and role == "visitor":
        return 302
    if role not in opened_by:
        return 410 if state == "purged" and address == "page" else 404
    if address == "report" and role in MEMBERS:
        return 404  # nobody reports their own
    if address == "like":
        return 403 if role in ("owner", "banned") else 302
    return 200


def request_page(browser, address: str, base: str):
    path = f"{base}{PAGES[address]}"
    return browser.post(path, {"like": "1"}) if address == "like" else browser.get(path)


def test_every_address_for_everybody_in_every_state(browsers, rows):
    with sweep() as table:
        for opened_by, base_of in (
            (OPENED_BY_CODE, lambda row: f"/w/{row.work.code}/"), (OPENED_BY_LINK, lambda row: row.link),
        ):  # fmt: skip
            for state, roles in opened_by.items():
                for role, address in CASES:
                    base = base_of(rows[state])
                    with table.row(base[:3], state, role, address):
                        status = request_page(browsers[role], address, base).status_code
                        assert status == expect(address, role, roles, state)
        assert table.tried >= 400
        check_files_and_embeds(table, browsers, rows)
        check_lists(table, browsers, rows)


def check_files_and_embeds(table, browsers, rows) -> None:
    """Check what is the same for everybody, since the media host knows no session and embeds no viewer."""
    for state, row in rows.items():
        key = row.link.removeprefix("/u/").removesuffix("/")  # a token may begin or end with u
        is_shown, is_linked = state == "public", state == "unlisted"
        for role in ("visitor", "owner"):
            get = browsers[role].get
            for name, path, is_open in (
                ("embed", f"/embed/{row.work.code}/", is_shown), ("embed by link", f"/embed/{key}/", is_linked),
                ("oembed", f"/oembed/?url=http://localhost:8000/w/{row.work.code}/", is_shown),
                ("oembed by link", f"/oembed/?url=http://localhost:8000{row.link}", is_linked),
            ):  # fmt: skip
                with table.row(name, state, role):
                    assert get(path).status_code == (200 if is_open else 404)
            for name, path, is_open in (
                ("file", f"/p/{row.work.code}/1/film.mp4", is_shown),
                ("file by link", f"/p/{key}/1/film.mp4", is_linked),
                ("file of before", row.media.removeprefix("http://127.0.0.1:8000"), is_shown or is_linked),
                ("poster", f"/p/{row.work.code}/1/poster.webp", is_shown),
                ("subtitles", f"/p/{row.work.code}/1/captions.vtt", is_shown),
            ):  # fmt: skip
                with table.row(name, state, role):
                    assert get(path, **MEDIA_HOST).status_code == (200 if is_open else 404)


def check_lists(table, browsers, rows) -> None:
    """Check that lists, feeds and the sitemap hold public works and no others, whoever reads them."""
    playlist = Playlist.objects.create(
        workspace=Profile.objects.get(handle="banned").workspace, title="-", visibility="public"
    )
    for position, row in enumerate(rows.values()):
        PlaylistEntry.objects.create(playlist=playlist, work=row.work, position=position)
    for name, path in LISTS.items():
        for role in ROLES[:1] if name == "home" else ROLES:
            text = browsers[role].get(path or f"/playlists/{playlist.code}/").content.decode()
            for state, row in rows.items():
                with table.row(name, state, role):
                    is_named = f"/w/{row.work.code}/" in text or row.link in text or row.work.title in text
                    assert is_named == (state == "public")


def test_works_of_a_closing_account_and_of_closed_galleries(browsers, rows, settings):
    public, unlisted = f"/w/{rows['public'].work.code}/", rows["unlisted"].link
    others = [role for role in ROLES if role != "owner"]
    with sweep() as table:
        for gallery, visitor, member in (("members", 302, 200), ("off", 404, 404)):
            settings.GALLERY = gallery
            for role in ROLES:
                for path in (public, unlisted, "/explore/", "/@mika/"):
                    with table.row(gallery, role, path[:4]):
                        assert browsers[role].get(path).status_code == (visitor if role == "visitor" else member)
            for row in rows.values():
                with table.row(gallery, "file", row.work.title):
                    assert browsers["visitor"].get(f"/p/{row.work.code}/1/film.mp4", **MEDIA_HOST).status_code == 404
        settings.GALLERY = "public"
        User.objects.filter(pk=browsers["author"].pk).update(closing_at=timezone.now())
        assert browsers["visitor"].get("/@mika/feed.atom").status_code == 404
        for role in others:
            for path in (public, unlisted, rows["public"].media.removeprefix("http://127.0.0.1:8000")):
                with table.row("closing", role, path[:4]):
                    host = MEDIA_HOST if path.startswith("/p/") else {}
                    assert browsers[role].get(path, **host).status_code == 404
