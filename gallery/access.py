"""What each viewer may see in the gallery. Lists, feeds, cards, embeds and files all start here."""

from enum import StrEnum
from functools import wraps
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.http import Http404
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext

from accounts.models import User, get_workspace_ids
from accounts.viewer import Viewer
from gallery.models import IS_LISTED, Ban, Block, Decision, ViewerSettings, Work

VIEW_CASES, DECIDE_CASES = "gallery.view_case", "gallery.change_case"  # permissions of moderators
FIRST_LOOK_WORKS = 3  # with FIRST_LOOK=first an operator looks at this many works of an author


class Opening(StrEnum):
    """Who may read the gallery: the site's setting GALLERY."""

    OFF = "off"
    MEMBERS = "members"
    PUBLIC = "public"


def is_open_to(user: User | AnonymousUser | Viewer) -> bool:
    """Return whether this user, or a visitor, may read the gallery at all."""
    opening = settings.GALLERY
    return opening == Opening.PUBLIC or (opening == Opening.MEMBERS and user.is_authenticated)


def gallery_page(view):
    """Decorate a page that readers of the gallery see, signed in or not.

    Without a gallery the page does not exist; a visitor of a site whose gallery is for members is asked to sign in,
    whether or not the address exists.
    """

    return _decorate(view, is_open_to)


def gallery_member_page(view):
    """Decorate a page or an action of the gallery for users who are signed in. Without a gallery it does not exist."""
    return _decorate(view, lambda user: user.is_authenticated)


def _decorate(view, is_allowed):
    @login_not_required
    @wraps(view)
    def wrapped(request, *args, **kwargs):
        if settings.GALLERY == Opening.OFF or any("\0" in str(value) for value in kwargs.values()):
            raise Http404  # NUL: PostgreSQL refuses to look for it
        if not is_allowed(request.user):
            from accounts.middleware import SignInRequired

            return SignInRequired(lambda request: None).handle_no_permission(request, view)
        return view(request, *args, **kwargs)

    return wrapped


def build_sign_in_path(path: str) -> str:
    """Return the address of the sign-in that leads back to the path."""
    return f"{resolve_url('account_login')}?{urlencode({'next': path})}"


def works_to_see(viewer: Viewer):
    """Return the works that lists may show to this viewer: public, shown, of nobody they muted or blocked, and mature
    ones only if the viewer chose so, with ``is_blurred`` set where the tile must be blurred."""
    works = Work.objects.listed()
    if not is_open_to(viewer):
        return works.none()
    choice = get_mature_choice(viewer)
    if choice == ViewerSettings.Mature.HIDE:
        works = works.exclude(rating=Work.Rating.MATURE)
    elif choice == ViewerSettings.Mature.BLUR:
        works = works.annotate(is_blurred=Q(rating=Work.Rating.MATURE))
    if viewer.is_authenticated:
        muted = Block.objects.filter(user=viewer.pk).values("profile__workspace")
        works = works.exclude(workspace__in=muted)
    return works


def get_mature_choice(viewer: Viewer) -> str:
    """Return what the viewer chose about mature works; HIDE where the site does not allow them."""
    if not settings.GALLERY_MATURE or not viewer.is_authenticated:
        return ViewerSettings.Mature.HIDE
    return viewer.read_once(_read_mature_choice)


def _read_mature_choice(viewer: Viewer) -> str:
    row = ViewerSettings.objects.filter(user=viewer.pk).first()
    return row.mature if row else ViewerSettings.Mature.HIDE


def is_gated(viewer: Viewer, work: Work) -> bool:
    """Return whether a mature work stays closed until the viewer says that they are an adult and want to see it.

    Until then they get its title and its author, but no file, description, prompt or comment.
    """
    if work.rating != Work.Rating.MATURE or get_mature_choice(viewer) == ViewerSettings.Mature.SHOW:
        return False
    if viewer.is_authenticated and work.workspace_id in viewer.workspace_ids:
        return False
    return not viewer.opened_mature


def works_to_open(viewer: Viewer):
    """Return the works whose pages this viewer may open at their public address.

    Those are the public works that are shown, also mature ones (behind their warning); every published state for the
    members of the workspace; and for moderators all but private ones.
    """
    available = Work.objects.available()
    allowed = IS_LISTED
    if not is_open_to(viewer):
        return available.none()
    if not settings.GALLERY_MATURE:
        allowed &= ~Q(rating=Work.Rating.MATURE)
    if viewer.is_authenticated:
        published = ~Q(visibility=Work.Visibility.PRIVATE)
        allowed |= Q(workspace__in=viewer.workspace_ids) & published
        if viewer.may_operate(VIEW_CASES):
            allowed |= published
    return available.filter(allowed)


def get_work(viewer: Viewer, *, code: str = "", token: str = "") -> Work:
    """Return the work at its public address /w/<code>/, or at that of its link /u/<token>/. Raises Http404."""
    if token:
        return find_unlisted(viewer, token)
    work = works_to_open(viewer).filter(code=code).select_related("workspace").first()
    if work is None:
        raise Http404
    return work


def get_readable_work(viewer: Viewer, **address: str) -> Work:
    """Return the work as ``get_work`` does. Raises Http404 also for a mature work that the viewer has not opened."""
    work = get_work(viewer, **address)
    if is_gated(viewer, work):
        raise Http404
    return work


def find_unlisted(viewer: Viewer, token: str) -> Work:
    """Return the unlisted work that the share token opens. Raises Http404."""
    work = Work.objects.available().with_share_token(token).select_related("workspace").first()
    if work is None or not is_open_to(viewer):
        raise Http404
    is_mature = work.rating == Work.Rating.MATURE and not settings.GALLERY_MATURE
    if (is_mature or work.state in (Work.State.HIDDEN, Work.State.REMOVED)) and not _is_privileged(viewer, work):
        raise Http404
    return work


def _is_privileged(viewer: Viewer, work: Work) -> bool:
    """Return whether the viewer is a member of the work's workspace, or a moderator."""
    return viewer.is_authenticated and (viewer.may_operate(VIEW_CASES) or work.workspace_id in viewer.workspace_ids)


def is_blocked(user, workspace) -> bool:
    """Return whether a member of the workspace blocked the user, who then cannot react to its works."""
    blockers = Block.objects.filter(kind=Block.Kind.BLOCK, user__memberships__workspace=workspace)
    return user.is_authenticated and blockers.filter(profile__workspace__in=get_workspace_ids(user)).exists()


def has_blocked(blocker_id, user) -> bool:
    """Return whether the user with the id ``blocker_id`` blocked ``user``, who then cannot answer them."""
    blocks = Block.objects.filter(kind=Block.Kind.BLOCK, user=blocker_id)
    return user.is_authenticated and blocks.filter(profile__workspace__in=get_workspace_ids(user)).exists()


def may_publish(viewer: Viewer) -> bool:
    """Return whether the viewer could publish something: guests never do."""
    return settings.GALLERY != Opening.OFF and viewer.is_authenticated


def find_ban(workspace, scope: str) -> Ban | None:
    """Return the ban that keeps the workspace from publishing (Ban.Scope.PUBLISH), commenting (COMMENT) or from
    everything, such as likes (ALL); the one that ends last. None if there is none."""
    if workspace is None:
        return None
    bans = Ban.objects.in_force().filter(profile__workspace=workspace, scope__in={scope, Ban.Scope.ALL})
    bans = bans.select_related("decision")
    return max(bans, key=lambda ban: (ban.ends_at is None, ban.ends_at), default=None)


def describe_banned_acts(scope: str) -> str:
    return {
        Ban.Scope.PUBLISH: gettext("You may not publish."),
        Ban.Scope.COMMENT: gettext("You may not comment."),
        Ban.Scope.ALL: gettext("You may neither publish nor comment nor like."),
    }[Ban.Scope(scope)]


def describe_ban(ban: Ban) -> str:
    """Return safe HTML that says what is refused, why, until when, and where to appeal."""
    acts = describe_banned_acts(ban.scope)
    reason = ban.decision.get_reason_display()
    why = gettext("The reason: %(reason)s.") % {"reason": reason} if reason else ""
    end = date_format(timezone.localtime(ban.ends_at), "DATE_FORMAT") if ban.ends_at else ""
    until = gettext("The ban ends on %(date)s.") % {"date": end} if end else gettext("The ban has no end.")
    link = format_html(
        '<a class="link" href="{}">{}</a>', reverse("gallery:decisions"), gettext("Read the decision and appeal")
    )
    return format_html("{} {} {} {}", acts, why, until, link)


def needs_first_look(workspace, work: Work | None = None) -> bool:
    """Return whether an operator looks at what the workspace publishes next before others see it (FIRST_LOOK).

    ``work``: the work, if it exists. One that an operator looked at since its file or text changed does not wait again.
    """
    if settings.FIRST_LOOK == "none":
        return False
    if work and work.pk and _is_approved(work):
        return False
    return settings.FIRST_LOOK == "all" or _count_known_works(workspace) < FIRST_LOOK_WORKS


def _is_approved(work: Work) -> bool:
    looks = Decision.objects.filter(case__work=work, act=Decision.Act.KEEP)
    changes = [at for at in (work.revised_at, work.text_changed_at) if at]
    return looks.filter(created_at__gt=max(changes)).exists() if changes else looks.exists()


def _count_known_works(workspace) -> int:
    """Count the works that are public, or that an operator found nothing wrong with."""
    kept = Q(pk__in=Decision.objects.filter(act=Decision.Act.KEEP).values("case__work"))
    return Work.objects.filter(IS_LISTED | kept, workspace=workspace)[:FIRST_LOOK_WORKS].count()
