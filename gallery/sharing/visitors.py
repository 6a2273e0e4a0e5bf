"""Find what every visitor may see, whoever asks: answers for other sites are the same for all and can be cached."""

import re
from functools import wraps

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from accounts.viewer import Viewer
from gallery.access import Opening, find_unlisted, gallery_page, works_to_open, works_to_see
from gallery.models import Work
from gallery.works.media import CODE_LENGTH, is_open_to_all

VISITOR = Viewer(AnonymousUser())
NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def page_for_visitors(view):
    """Decorate a page that exists only in a gallery that is open to visitors."""

    @gallery_page
    @wraps(view)
    def wrapped(request, *args, **kwargs):
        if settings.GALLERY != Opening.PUBLIC:
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped


def works_for_visitors():
    """Return the works that lists show to visitors: public, shown, and not mature."""
    return works_to_see(VISITOR).filter(rating=Work.Rating.ALL)


def find_work(key: str) -> Work | None:
    """Return the work that every visitor may watch: a public one by its code, an unlisted one by its share token."""
    if len(key) == CODE_LENGTH:
        work = works_to_open(VISITOR).filter(code=key, visibility=Work.Visibility.PUBLIC).first()
    else:
        work = _find_unlisted(key)
    if work is None or not is_open_to_all(work):
        return None
    return Work.objects.select_related("film", "workspace__home_of", "workspace__profile").get(pk=work.pk)


def _find_unlisted(token: str) -> Work | None:
    try:
        return find_unlisted(VISITOR, token)
    except Http404:
        return None


def clean_xml(text: str) -> str:
    """Return the text without signs that no XML document may contain."""
    return NOT_IN_XML.sub("", text)
