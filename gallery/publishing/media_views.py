"""Serve the files of published works on the media origin, where no cookies exist."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import FileSystemStorage, storages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.request import validate_host
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from gallery.models import Work
from gallery.works import media
from generation.media import storage
from generation.views.media import send_file
from studio.timeline.captions import write_captions

LINK_SECONDS = 60  # of the store's link, at least, and at most twice as long, also if the work is withdrawn meanwhile
REDIRECT_SECONDS = 30  # that caches may keep the redirect to it: shorter than the link works
FILE_SECONDS = 300
FILMS = (media.FILM, media.PREVIEW, media.DOWNLOAD)  # posters stay open: link cards of other sites show them


@require_safe
@login_not_required
def published_file(request, key, revision, name):
    """Return a file of a published work, or redirect to a link of the object store.

    The work's visibility, state and revision are checked on each request: 404 as soon as it is withdrawn. 403 for the
    film of a work that its author does not allow on other sites, on a page of another site.
    """
    work = media.find_work_of_key(key)
    if work is None or work.revision != revision:
        raise Http404
    is_for_own_pages = name in FILMS and not work.allows_embed
    is_refused = is_for_own_pages and _is_on_other_site(request)
    response: HttpResponseBase = HttpResponse(status=403) if is_refused else _send(request, work, name)
    is_public = media.is_open_to_all(work) and work.visibility == Work.Visibility.PUBLIC
    is_shared = is_public and "." not in key and not is_for_own_pages
    is_shared = is_shared and response.status_code != 416  # of a range that one reader asked for
    seconds = REDIRECT_SECONDS if response.status_code == 302 else FILE_SECONDS
    response.headers["Cache-Control"] = f"public, max-age={seconds}" if is_shared else "private, no-store"
    if is_public:
        del response.headers["X-Robots-Tag"]
    else:
        response.headers["X-Robots-Tag"] = "noindex"
    return response


def _is_on_other_site(request) -> bool:
    """Return whether a page of another site requests the file. Browsers that send no Referer are not refused."""
    try:
        host = urlsplit(request.headers.get("Referer", "")).hostname
    except ValueError:
        return True
    return bool(host) and not validate_host(host, settings.ALLOWED_HOSTS)


def _send(request, work: Work, name: str) -> HttpResponseBase:
    if name == media.CAPTIONS and work.film and work.film.has_lines:
        return render_captions(work)
    stored = media.find_stored_file(work, name)
    if not stored:
        raise Http404
    download_as = f"{work.title[:80]}.mp4" if name == media.DOWNLOAD else ""
    if isinstance(storages["clips"], FileSystemStorage):
        return send_file(request, stored, download_as=download_as)
    return HttpResponseRedirect(storage.create_link(stored, seconds=LINK_SECONDS, download_as=download_as))


def render_captions(work: Work) -> HttpResponse:
    """Return the subtitles of a film as WebVTT, which players on other sites may load too."""
    headers = {"Access-Control-Allow-Origin": "*"} if settings.GALLERY == "public" else {}
    return HttpResponse(write_captions(work.film.chapters), content_type="text/vtt; charset=utf-8", headers=headers)
