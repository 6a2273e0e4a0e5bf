"""What each viewer may see in the gallery. Lists, feeds, cards, embeds and files all start here."""

from enum import StrEnum
from functools import wraps

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import Http404

from accounts.access import get_guest_workspace
from accounts.models import get_workspace_ids
from gallery.models import Block, ViewerSettings, Work
from gallery.models.work import digest_share_token


class Opening(StrEnum):
    """Who may read the gallery: the site's setting GALLERY."""

    OFF = "off"
    MEMBERS = "members"
    PUBLIC = "public"


def is_open_to(user) -> bool:
    """Return whether this user, or a visitor, may read the gallery at all."""
    opening = settings.GALLERY
    return opening == Opening.PUBLIC or (opening == Opening.MEMBERS and user.is_authenticated)


def gallery_page(view):
    """Decorate a page that readers of the gallery see, signed in or not.

    Without a gallery the page does not exist; a visitor of a site whose gallery is for members is asked to sign in,
    whether or not the address exists.
    """

    @login_not_required
    @wraps(view)
    def wrapped(request, *args, **kwargs):
        if settings.GALLERY == Opening.OFF:
            raise Http404
        if not is_open_to(request.user):
            from accounts.middleware import SignInRequired

            return SignInRequired(lambda request: None).handle_no_permission(request, view)
        return view(request, *args, **kwargs)

    return wrapped


def works_to_see(request):
    """Return the works that lists may show to this viewer: public, shown, of nobody they muted or blocked, and mature
    ones only if the viewer chose so."""
    works = Work.objects.listed()
    if not is_open_to(request.user):
        return works.none()
    if get_mature_choice(request) == ViewerSettings.Mature.HIDE:
        works = works.exclude(rating=Work.Rating.MATURE)
    if request.user.is_authenticated:
        muted = Block.objects.filter(user=request.user).values("profile__workspace")
        works = works.exclude(workspace__in=muted)
    return works


def get_mature_choice(request) -> str:
    """Return what the viewer chose about mature works; HIDE where the site does not allow them."""
    if not settings.GALLERY_MATURE or not request.user.is_authenticated:
        return ViewerSettings.Mature.HIDE
    known = request.user.__dict__.setdefault("read_in_request", {})
    if "mature" not in known:
        row = ViewerSettings.objects.filter(user=request.user).first()
        known["mature"] = row.mature if row else ViewerSettings.Mature.HIDE
    return known["mature"]


def works_to_open(request):
    """Return the works whose pages this viewer may open at their public address.

    Those are the public works that are shown, also mature ones (behind their warning); every published state for the
    members of the workspace; and for operators all but private ones.
    """
    available = Work.objects.available()
    allowed = Q(visibility=Work.Visibility.PUBLIC, state=Work.State.SHOWN)
    if not is_open_to(request.user):
        return available.none()
    if not settings.GALLERY_MATURE:
        allowed &= ~Q(rating=Work.Rating.MATURE)
    if request.user.is_authenticated:
        published = ~Q(visibility=Work.Visibility.PRIVATE)
        allowed |= Q(workspace__in=get_workspace_ids(request.user)) & published
        if request.user.is_staff:
            allowed |= published
    return available.filter(allowed)


def find_unlisted(request, token: str) -> Work:
    """Return the unlisted work that the share token opens. Raises Http404."""
    works = Work.objects.available().filter(visibility=Work.Visibility.UNLISTED)
    work = works.filter(share_digest=digest_share_token(token)).first()
    if work is None or not is_open_to(request.user):
        raise Http404
    if work.state in (Work.State.HIDDEN, Work.State.REMOVED) and not _is_privileged(request.user, work):
        raise Http404
    return work


def _is_privileged(user, work: Work) -> bool:
    """Return whether the user is a member of the work's workspace, or an operator."""
    return user.is_authenticated and (user.is_staff or work.workspace_id in get_workspace_ids(user))


def may_publish(request) -> bool:
    """Return whether the viewer could publish something: guests never do."""
    return (
        settings.GALLERY != Opening.OFF and request.user.is_authenticated and not get_guest_workspace(request.session)
    )
