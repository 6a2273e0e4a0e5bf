"""The addresses of the files of published works, on the media origin.

An address names a work, its revision and a file, and no row or storage key: ``/p/<key>/<revision>/<name>``. The key is
the code of a public work or the share token of an unlisted one. Where not everybody who has the address may see the
work, the key is a pass: a signature that ends within minutes, or as soon as the work's state or visibility changes.
"""

import hmac
import re
import time
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.urls import reverse

from gallery.access import Opening
from gallery.models import Work
from generation.models import ClipFile

FILM, DOWNLOAD, POSTER, SMALL_POSTER = "film.mp4", "download.mp4", "poster.webp", "small.webp"
PREVIEW, SPRITE, CAPTIONS = "preview.mp4", "sprite.webp", "captions.vtt"
CLIP_FILES = {
    FILM: ClipFile.Kind.MEZZANINE,
    DOWNLOAD: ClipFile.Kind.MEZZANINE,
    POSTER: ClipFile.Kind.POSTER_LARGE,
    SMALL_POSTER: ClipFile.Kind.POSTER,
    PREVIEW: ClipFile.Kind.PREVIEW,
    SPRITE: ClipFile.Kind.SPRITE,
}
PASS_SALT = "gallery.publishing.media.pass"  # noqa: S105 - names the use of a signature
PASS_SECONDS = 300  # a pass works for at least that long, and at most twice as long
CODE_LENGTH = 11
STILL = re.compile(r"still-([0-9]{1,3})\.webp\Z")


@dataclass(frozen=True)
class MediaUrls:
    """Absolute addresses of a work's files; "" for a file that works of this kind do not have."""

    poster: str
    small_poster: str
    preview: str
    film: str
    download: str
    sprite: str


NO_FILES = MediaUrls(poster="", small_poster="", preview="", film="", download="", sprite="")


def get_media_urls(work: Work) -> MediaUrls:
    """Return the addresses of the work's files, without a query; none for a mature work that a list marked with
    ``is_blurred``. Call it only for somebody who may open the work."""
    if getattr(work, "is_blurred", False):
        return NO_FILES
    base = f"{settings.MEDIA_ORIGIN}/p/{_get_key(work)}/{work.revision}/"
    has_film, is_clip = work.kind != Work.Kind.TEMPLATE, work.kind == Work.Kind.CLIP
    has_poster = has_film or bool(work.width)  # a template without a cover has no size
    return MediaUrls(
        poster=f"{base}{POSTER}" if has_poster else "",
        small_poster=f"{base}{SMALL_POSTER}" if has_poster else "",
        preview=f"{base}{PREVIEW}" if is_clip else "",
        film=f"{base}{FILM}" if has_film else "",
        download=f"{base}{DOWNLOAD}" if has_film and work.allows_download else "",
        sprite=f"{base}{SPRITE}" if has_film else "",
    )


def get_still_url(work: Work, number: int) -> str:
    """Return the address of the picture of a film's chapter, counted from 0."""
    return f"{settings.MEDIA_ORIGIN}/p/{_get_key(work)}/{work.revision}/still-{number}.webp"


def get_captions_path(work: Work) -> str:
    """Return the path of a film's subtitles on the site, since browsers load tracks from the page's own origin only;
    "" if nobody speaks."""
    if work.film is None or not work.film.has_lines:
        return ""
    if work.visibility == Work.Visibility.UNLISTED:
        return reverse("gallery:unlisted_captions", args=[work.share_token])
    return reverse("gallery:captions", args=[work.code])


def _get_key(work: Work) -> str:
    if not is_open_to_all(work):
        return _sign_pass(work, (int(time.time()) // PASS_SECONDS + 2) * PASS_SECONDS)
    return work.code if work.visibility == Work.Visibility.PUBLIC else work.share_token


def is_open_to_all(work: Work) -> bool:
    """Return whether whoever has the work's address may see its files, signed in or not."""
    return (
        settings.GALLERY == Opening.PUBLIC
        and work.visibility != Work.Visibility.PRIVATE
        and work.state == Work.State.SHOWN
        and work.rating == Work.Rating.ALL
    )


def _sign_pass(work: Work, ends: int) -> str:
    facts = f"{work.code}.{ends:x}.{work.state}.{work.visibility}.{work.rating}.{work.share_digest}"
    return f"{work.code}.{ends:x}.{signing.Signer(salt=PASS_SALT).signature(facts)}"


def find_work_of_key(key: str) -> Work | None:
    """Return the published work whose files the key opens."""
    works = Work.objects.available().exclude(visibility=Work.Visibility.PRIVATE)
    works = works.select_related("clip", "film", "template")
    if settings.GALLERY == Opening.OFF or "\0" in key:  # PostgreSQL refuses to look for NUL
        return None
    if "." in key:
        return _find_work_of_pass(works, key)
    if len(key) == CODE_LENGTH:
        work = works.filter(code=key, visibility=Work.Visibility.PUBLIC).first()
    else:
        work = works.with_share_token(key).first()
    return work if work and is_open_to_all(work) else None


def _find_work_of_pass(works, key: str) -> Work | None:
    code, _, rest = key.partition(".")
    ends, _, _signature = rest.partition(".")
    try:
        end = int(ends, 16)
    except ValueError:
        return None
    work = works.filter(code=code).first() if time.time() < end else None
    return work if work and hmac.compare_digest(_sign_pass(work, end).encode(), key.encode()) else None


def find_stored_file(work: Work, name: str) -> str:
    """Return the storage key of a file of the work; "" if the work has no such file, or does not offer it."""
    if name == DOWNLOAD and not work.allows_download:
        return ""
    if work.kind == Work.Kind.CLIP and name in CLIP_FILES:
        return (
            ClipFile.objects.filter(clip=work.clip_id, kind=CLIP_FILES[name]).values_list("key", flat=True).first()
            or ""
        )
    if work.kind == Work.Kind.FILM:
        film = work.film
        if match := STILL.match(name):
            return film.get_still_key(int(match[1])) if int(match[1]) < len(film.chapters) else ""
        keys = {FILM: film.key, DOWNLOAD: film.key, POSTER: film.poster_key, SMALL_POSTER: film.poster_key}
        return keys.get(name) or (film.sprite_key if name == SPRITE and film.sprite_tiles else "")
    if work.template and work.template.cover and name in (POSTER, SMALL_POSTER):
        return work.template.cover.key
    return ""
