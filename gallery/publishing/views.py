"""The page on which an author publishes a clip, a film or a story template, and changes or withdraws it."""

from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import may_operate
from accounts.billing.limits import consume_rate
from accounts.permissions import PUBLISH, can
from common.web.errors import deleted_is_not_found
from common.web.htmx import redirect_to, render_target
from gallery.access import DECIDE_CASES, Opening, describe_ban, find_ban, needs_first_look
from gallery.errors import HandleRefused
from gallery.models import Ban, Profile, StoryTemplate, Work
from gallery.people.services import claim_handle, suggest_handle
from gallery.publishing import covers, services
from gallery.publishing.forms import PublishForm
from gallery.works import credits, media
from gallery.works.licences import allowed_licences, list_reasons
from gallery.works.lineage import list_credits
from generation import access as clip_access
from generation.errors import REFUSALS, status_of
from studio import access as studio_access
from studio.models import Film

DEFAULTS = {"visibility": Work.Visibility.UNLISTED, "licence": Work.Licence.RESERVED}  # unless the profile has others


def authors_page(view):
    """Decorate a page of authors: it does not exist on a site without a gallery."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @deleted_is_not_found
    @wraps(view)
    def wrapped(request, pk):
        if settings.GALLERY == Opening.OFF:
            raise Http404
        return view(request, pk)

    return wrapped


@authors_page
def publish_clip(request, pk):
    clip = clip_access.get_editable_clip(request.viewer, pk)
    return _respond(request, clip, is_ready=clip.is_ready and not clip.deleted_at)


@authors_page
def publish_film(request, pk):
    film = studio_access.get_editable_film(request.viewer, pk)
    return _respond(request, film, is_ready=film.is_ready and not film.deleted_at)


@authors_page
def publish_template(request, pk):
    template = get_object_or_404(StoryTemplate.objects.visible_to(request.viewer).select_related("workspace"), pk=pk)
    return _respond(request, template, is_ready=True)


def _respond(request, source, *, is_ready: bool):
    if not can(request.viewer, PUBLISH, services.get_workspace(source)):
        raise PermissionDenied
    if not is_ready:
        raise Http404
    work = Work.objects.filter(**{services.get_kind(source): source}).first()
    acts = {"withdraw": _withdraw, "renew_link": _renew_link, "replace": _replace}
    if request.method == "POST":
        act = acts.get(request.POST.get("act", ""))
        return act(request, source, work) if act else _publish(request, source, work)
    return _render(request, source, work, _build_form(request, source, work))


def _build_form(request, source, work: Work | None, data=None) -> PublishForm:
    workspace = services.get_workspace(source)
    profile = Profile.objects.filter(workspace=workspace).first()
    chosen = DEFAULTS | (profile.defaults if profile else {})
    instance = work or Work(kind=services.get_kind(source), title=_get_title(source), licence=chosen["licence"])
    return PublishForm(
        data,
        instance=instance,
        has_music=credits.has_uploaded_music(source),
        asks_handle=profile is None,
        has_prompt=isinstance(source, Film) or bool(services.get_prompt(source)),
        licences=[licence for licence, reason in allowed_licences(source) if not reason],
        covers=covers.list_frames(source, _get_poster(source, work)),
        initial={
            "visibility": work.visibility if _is_published(work) else chosen["visibility"],
            "tags": ", ".join(work.work_tags.order_by("pk").values_list("tag__name", flat=True)) if work else "",
            "handle": suggest_handle(request.user),
            "has_music_rights": bool(work),
            "cover": covers.get_present_value(source),
        },
    )


def _is_published(work: Work | None) -> bool:
    return work is not None and work.visibility != Work.Visibility.PRIVATE


def _get_title(source) -> str:
    title = source.name or source.story.title if isinstance(source, Film) else source.title
    return title[:120]


def _publish(request, source, work: Work | None):
    form = _build_form(request, source, work, request.POST)
    if not form.is_valid():
        return _render(request, source, work, form, status=422)
    work = Work.objects.filter(pk=work.pk).first() if work else None  # the form wrote its values into the row it got
    values, workspace = form.get_choices(), services.get_workspace(source)
    is_shown_now = values["visibility"] != Work.Visibility.PRIVATE
    if is_shown_now and (ban := find_ban(workspace, Ban.Scope.PUBLISH)):
        return _render(request, source, work, form, problem=describe_ban(ban), status=403)
    is_new = is_shown_now and (work is None or work.visibility == Work.Visibility.PRIVATE)
    if is_new and not consume_rate(request, "publish"):
        problem = _("You published a lot today. Nothing was changed. Try again tomorrow.")
        return _render(request, source, work, form, problem=problem, status=429)
    try:
        with transaction.atomic():
            if form.cleaned_data.get("handle") and values["visibility"] == Work.Visibility.PUBLIC:
                claim_handle(workspace=workspace, handle=form.cleaned_data["handle"], by=request.user)
            covers.choose_cover(source, form.cleaned_data["cover"], by=request.user)
            work = services.publish_work(source, by=request.user, **values)
    except HandleRefused as refusal:
        form.add_error("handle", str(refusal))
        return _render(request, source, work, form, status=422)
    except REFUSALS as refusal:  # of the job that draws the cover
        return _render(request, source, work, form, problem=str(refusal), status=status_of(refusal))
    messages.success(request, _get_success_message(work, is_new=is_new))
    return redirect_to(request, request.path)


def _get_success_message(work: Work, *, is_new: bool) -> str:
    if work.visibility == Work.Visibility.PRIVATE:
        return _("Saved. Only your workspace sees it.")
    if not is_new and work.state == Work.State.WAITING and work.visibility == Work.Visibility.PUBLIC:
        return _("Saved. An administrator looks at the new text; then the work appears again.")
    if not is_new:
        return _("Saved.")
    if work.state == Work.State.SHOWN:
        return _("Published.")
    return _("The work was sent for review. It appears once an administrator has approved it.")


def _withdraw(request, source, work: Work | None):
    if work:
        services.withdraw_work(work, by=request.user)
        messages.success(
            request, _("The work was withdrawn. Caches of other sites may keep it for up to five minutes.")
        )
    return redirect_to(request, request.path)


def _renew_link(request, source, work: Work | None):
    if work and work.visibility == Work.Visibility.UNLISTED:
        services.renew_link(work, by=request.user)
        messages.success(request, _("The work has a new link. The old one stopped working."))
    return redirect_to(request, request.path)


def _replace(request, source, work: Work | None):
    """Let the work of the clip below the effects, or of another version of the film, show this one."""
    replaceable = services.find_replaceable(source)
    if replaceable is None:
        return redirect_to(request, request.path)
    form = _build_form(request, source, work)
    if ban := find_ban(replaceable.workspace, Ban.Scope.PUBLISH):
        return _render(request, source, work, form, problem=describe_ban(ban), status=403)
    if "has_music_rights" in form.fields and not request.POST.get("has_music_rights"):
        problem = _("Publish only music that you have the right to use.")
        return _render(request, source, work, form, problem=problem, status=422)
    services.replace_source(replaceable, source, by=request.user)
    messages.success(request, _("The file of the work was replaced. Its address is the same."))
    return redirect_to(request, request.path)


def _render(request, source, work: Work | None, form: PublishForm, *, problem: str = "", status: int = 200):
    is_published = _is_published(work)
    context = {
        "form": form,
        "source": source,
        "work": work,
        "is_published": is_published,
        "is_withdrawn": work is not None and work.published_at is not None and not is_published,
        "link": settings.SITE_URL + work.get_absolute_url() if is_published else "",
        "back": source.get_absolute_url() if hasattr(source, "get_absolute_url") else "",
        "title": _get_title(source),
        "ratio": source.story.ratio if isinstance(source, Film) else getattr(source, "ratio", "16:9"),
        "poster": _get_poster(source, work),
        "cover_job": covers.find_job(source),
        "exposures": _list_exposures(source),
        "parents": list_credits(source),
        "licence_reasons": list_reasons(source),
        "problem": problem,
        "is_text_looked_at": is_published and _is_text_looked_at(request, work),
        "replaceable": services.find_replaceable(source),
    }
    parts = {"cover-now": "gallery/_publish_cover.html#now"}
    return render_target(request, "gallery/publish.html", context, targets=parts, status=status)


def _is_text_looked_at(request, work: Work) -> bool:
    """Return whether a new text takes the work out of the gallery until an administrator has looked at it."""
    is_moderator = may_operate(request.user, DECIDE_CASES)
    return work.is_listed and not is_moderator and needs_first_look(work.workspace)


def _get_poster(source, work: Work | None) -> str:
    """Return the address of the cover: that of a published work changes with the cover."""
    return media.get_media_urls(work).small_poster if work and _is_published(work) else covers.get_link(source)


def _list_exposures(source) -> list[str]:
    """Return what becomes visible besides the clip, film or template itself, in sentences."""
    kind, facts = services.get_kind(source), credits.collect_credits(source)
    found = [_("Your name, your picture and, if you have one, your handle")]
    if names := credits.get_provider_names(Work(credits=facts)):
        found.append(_("The providers that drew it: %(names)s") % {"names": ", ".join(names)})
    if credits.has_uploaded_pictures(source):
        found.append(_("Faces and other things in the pictures or videos that were uploaded for it"))
    if title := facts.get("music", {}).get("title"):
        found.append(_("The title of the music: %(title)s") % {"title": title})
    if names := facts.get("characters"):
        found.append(_("The names of the characters: %(names)s") % {"names": ", ".join(names)})
    if kind == Work.Kind.FILM:
        found.append(_("What the film says on its cards and in its subtitles"))
    return found
