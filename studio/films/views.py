"""The film page of a story, and the pages of the film's versions."""

import uuid
from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common.web.body_limit import max_body
from common.web.errors import deleted_is_not_found
from common.web.htmx import redirect_to, render_target, target_id
from generation.errors import REFUSALS, status_of
from generation.media import storage
from jobs.estimates.times import add_times
from jobs.maintenance import TRASH_DAYS
from studio import access, trash
from studio.errors import Collision, MusicRefused, SceneChanged, StudioRefused
from studio.films import music as film_music
from studio.films import plan_json
from studio.films import services as film_services
from studio.films.forms import FilmSettingsForm, MakeFilmForm, RenameFilmForm, TransitionForm
from studio.films.messages import music_message, other_stories_message
from studio.films.plan import build_film_plan
from studio.films.services import settings_as_texts, value_as_text
from studio.limits import rate_limit_message
from studio.models import Film, Music, Scene, Story
from studio.scenes import edits
from studio.stories.usage import list_clip_jobs
from studio.timeline.captions import write_captions
from studio.timeline.film_settings import get_film_settings, get_joined_film_settings
from studio.topics import REVISION, name_topic

VARY = {"Vary": "HX-Request, HX-Target"}
PAGE_SIZE = 50
HAS_TRACKS = Exists(Music.objects.filter(workspace=OuterRef("workspace")))  # of a story, as has_tracks


@require_safe
def film(request, pk):
    """Show the film as it would be made now, and its versions.

    ``?before=``: show only versions older than this number. ``?bin=``: page of the trash.
    """
    if target_id(request) == "film-live":
        return _render_parts(request, pk)
    facts = {"has_trashed_films": trash.HAS_FILMS, "has_tracks": HAS_TRACKS, "revision": REVISION}
    story = access.get_visible_story(request.viewer, pk, "film_settings__music__job", **facts)
    if story.deleted_at:
        return redirect_to(request, story)
    if target_id(request) == "more":
        may_edit = access.may_edit(request.viewer, story.workspace)
        context = list_versions(story, request.GET.get("before", "")) | {"may_edit": may_edit}
        return TemplateResponse(request, "studio/film.html#more", context, headers=VARY)
    return _render_page(request, story, settings=get_joined_film_settings(story))


def _render_parts(request, pk):
    """Render what the film page shows of takes and music."""
    story = access.get_visible_story(request.viewer, pk, "film_settings__music__job", revision=REVISION)
    settings = get_joined_film_settings(story)
    names = {"settings": settings, "film_plan": build_film_plan(story, settings), "music": list(_list_music(story))}
    context = _build_context(request, story, **names, is_live=True)
    return TemplateResponse(request, "studio/film.html#parts", context, headers=VARY)


def _render_page(request, story, status: int = 200, **extra):
    context = _build_context(request, story, **extra) | {"bin": trash.list_films(story, request.GET.get("bin", ""))}
    return render_target(request, "studio/film.html", context, status=status)


def _build_context(
    request, story, *, note: str = "", form: FilmSettingsForm | None = None, settings=None, film_plan=None, **extra
) -> dict:
    topic = name_topic(story)
    settings = settings or get_film_settings(story)
    settings.story = story
    may_edit = access.may_edit(request.viewer, story.workspace) and not story.deleted_at
    film_plan = film_plan or build_film_plan(story, settings)
    return {
        "story": story,
        "topic": topic,
        "film_plan": film_plan,
        "mark": plan_json.get_mark(film_plan),
        "settings": settings,
        "form": form or FilmSettingsForm(instance=settings),
        **list_versions(story, request.GET.get("before", "")),
        "music": _list_music(story),
        "other_stories": other_stories_message(*settings.music.count_other_stories(story)) if settings.music else "",
        "may_edit": may_edit,
        "note": note,
        "idem_key": uuid.uuid4().hex,
        "joins": Scene.Join.choices,
        "sounds": Scene.Sound.choices,
        "now": settings_as_texts(settings),
        "was": settings_as_texts(settings),
        **extra,
    }


def _list_music(story):
    """Return the tracks of the story's workspace, newest first. Needs no query if the story was loaded without any."""
    rows = Music.objects.filter(workspace=story.workspace_id).select_related("job").order_by("-created_at")
    return rows if getattr(story, "has_tracks", True) else rows.none()


def _respond(request, story, *, note: str = "", status: int = 200, form=None, **extra):
    """Respond to a POST: to htmx with parts of the page, otherwise with the page or a redirect to it."""
    if request.htmx:
        context = _build_context(request, story, note=note, form=form, **extra)
        return TemplateResponse(request, "studio/film.html#parts", context, status=status, headers=VARY)
    if not note:
        return redirect_to(request, reverse("studio:film", args=[story.pk]))
    return _render_page(request, story, status, note=note, form=form, **extra)


@require_POST
def join(request, pk):
    """Change those of a scene's trim, sound and transition that were sent."""
    scene = access.get_editable_scene(request.viewer, pk)
    form = TransitionForm(request.POST)
    if scene.deleted_at:
        message = _("This scene is in the trash. Restore it first. Nothing was changed.")
        return _respond(request, scene.story, note=message, status=409)
    if not form.is_valid():
        return _respond(request, scene.story, note=form.get_error_message(), status=422)
    try:
        edits.edit_scene(scene=scene, by=request.user, rev=form.cleaned_data["rev"], changes=form.get_changes())
    except Collision:
        return _respond(request, scene.story, note=str(SceneChanged()), status=409)
    except StudioRefused as refusal:
        return _respond(request, scene.story, note=str(refusal), status=refusal.status)
    return _respond(request, scene.story)


@require_POST
def film_settings(request, pk):
    """Change those settings of cards, picture and music that were sent."""
    story = access.get_editable_story(request.viewer, pk)
    settings = get_film_settings(story)
    settings.story = story
    form = FilmSettingsForm(request.POST, instance=settings)
    if not form.is_valid():
        return _respond(
            request, story, note=_("A value here is not valid. Nothing was changed."), status=422, form=form
        )
    changes, base = form.get_changes(), form.get_base()
    try:
        row = film_services.change_film_settings(story=story, by=request.user, changes=changes, base=base)
    except Collision as collision:
        form, note = (
            form.rebuild_after_collision(get_film_settings(story), collision.fields),
            _describe_collision(form, collision),
        )
        return _respond(request, story, note=note, status=409, form=form, is_fresh=True)
    shown = {name: value_as_text(value) for name, value in changes.items()}  # the fields still show what was typed
    return _respond(request, story, was=settings_as_texts(row) | base | shown, saved=form.get_saved_part())


def _describe_collision(form, collision: Collision) -> str:
    """Return a message with both versions of each field, so that nothing that the user typed is lost."""
    sentences = [_("Someone else changed this in the meantime, so nothing was saved.")]
    for name, texts in collision.fields.items():
        field = form.fields[name]
        named = {str(value): label for value, label in getattr(field, "choices", ())}
        theirs, mine = (named.get(text, text) for text in texts)
        values = {"field": field.label, "theirs": theirs, "mine": mine}
        sentences.append(_("%(field)s is now “%(theirs)s”; you wrote “%(mine)s”.") % values)
    return " ".join(sentences)


@require_POST
def make(request, pk):
    """Request the film that the page showed (``agreed``) or, from the storyboard, the one of today (``as_it_is``)."""
    story = access.get_editable_story(request.viewer, pk)
    form = MakeFilmForm(request.POST)
    if story.deleted_at or not form.is_valid():
        return _respond(request, story, note=_("This film request is not valid. Try again."), status=422)
    if message := rate_limit_message(request, "film"):
        return _respond(request, story, note=message, status=429)
    values = form.cleaned_data
    sent = {"name": values["name"], "agreed": None if values["as_it_is"] else values["agreed"]}
    key = form.cleaned_data["idem_key"] or uuid.uuid4().hex
    try:
        film_services.request_film(story=story, by=request.user, idem_key=f"film-{key}", **sent)
    except StudioRefused as refusal:
        return _respond(request, story, note=str(refusal), status=refusal.status, name=sent["name"])
    except REFUSALS as refusal:
        return _respond(request, story, note=str(refusal), status=status_of(refusal))
    return _respond(request, story)


@require_POST
@max_body(101)
def music(request, pk):
    """Upload a music track and use it in the film."""
    story = access.get_editable_story(request.viewer, pk)
    upload = request.FILES.get("music_file")
    if upload is None:
        return _respond(request, story, note=music_message("missing"), status=422)
    if message := rate_limit_message(request, "upload"):
        return _respond(request, story, note=message, status=429)
    try:
        film_music.upload_music(upload=upload, story=story, by=request.user)
    except MusicRefused as refusal:
        return _respond(request, story, note=str(refusal), status=refusal.status)
    except REFUSALS as refusal:
        return _respond(request, story, note=str(refusal), status=status_of(refusal))
    return _respond(request, story)


@require_POST
def remove_music(request, pk):
    """Delete a music track permanently, and return to the film page of ``story``."""
    found = access.get_editable_music(request.viewer, pk)
    film_music.remove_music(music=found, by=request.user)
    messages.success(request, _("“%(title)s” was removed. Films made with it are kept.") % {"title": found.title})
    try:
        story = access.visible_stories(request.viewer).filter(pk=uuid.UUID(request.POST.get("story", ""))).first()
    except ValueError:
        story = None
    return redirect_to(request, reverse("studio:film", args=[story.pk]) if story else "studio:stories")


def list_versions(story: Story, before: str = "") -> dict:
    """Return ``films``, newest first, and ``next``, the query string for older films, "" if there are none."""
    rows = Film.objects.shown().filter(story=story).select_related("job", "story").newest_first()
    if before.isdecimal() and len(before) < 10:
        rows = rows.filter(version__lt=int(before))
    found = list(rows[: PAGE_SIZE + 1])
    films = found[:PAGE_SIZE]
    add_times([film.job for film in films])
    return {"films": films, "next": f"?before={films[-1].version}" if len(found) > PAGE_SIZE else ""}


@require_safe
def film_page(request, pk):
    """Show a version of the film. ``?with=``: another version of the same story to compare it with."""
    found = access.get_visible_film(request.viewer, pk)
    other = _find_other(found, request.GET.get("with", ""))
    add_times([found.job])
    context = {
        "film": found,
        **list_versions(found.story),
        "other": other,
        "story": found.story,
        "may_edit": access.may_edit(request.viewer, found.story.workspace),
        "removed_on": found.deleted_at and found.deleted_at + timedelta(days=TRASH_DAYS),
        "chapters": _list_chapters(found),
        "clip_jobs": list_clip_jobs(found),
        "differences": plan_json.list_differences(found, other) if other else [],
    }
    return render_target(request, "studio/film_page.html", context, targets={f"job-{found.job_id}": "live"})


def _find_other(film: Film, name: str) -> Film | None:
    """Return the finished version of the same story with the id ``name``, or None."""
    rows = Film.objects.shown().filter(story=film.story_id).exclude(pk=film.pk).select_related("job", "story")
    try:
        found = rows.filter(pk=uuid.UUID(name)).first()
    except ValueError:
        return None
    return found if found and found.is_ready else None


def _list_chapters(film: Film) -> list[dict]:
    return [
        chapter
        | {
            "number": number,
            "seconds": chapter["start"] / 24,
            "length": (chapter["end"] - chapter["start"]) / 24,
            "still": storage.create_link(film.get_still_key(number)) if film.is_ready else "",
        }
        for number, chapter in enumerate(film.chapters)
    ]


@require_safe
@login_not_required
def play_film(request, pk):
    """Redirect to the file, also for the guest who made the film.

    Rights are checked on each request, since the file's link expires within minutes.
    """
    return _redirect_to_file(request, pk, seconds=600)


@require_safe
@login_not_required
def captions(request, pk):
    """Return the subtitles of a film, also for the guest who made it."""
    film = access.get_film_of_guest(request.viewer, pk)
    if film.deleted_at or not film.has_lines:
        raise Http404
    return HttpResponse(write_captions(film.chapters), content_type="text/vtt; charset=utf-8")


@require_safe
@login_not_required
def download_film(request, pk):
    """Redirect to the file under its title, also for the guest who made the film."""
    return _redirect_to_file(request, pk, seconds=300, as_download=True)


def _redirect_to_file(request, pk, *, seconds, as_download=False):
    film = access.get_film_of_guest(request.viewer, pk)
    if film.deleted_at or not film.is_ready:
        raise Http404
    name = f"{film.file_title}.mp4" if as_download else ""
    return redirect(storage.create_link(film.key, seconds=seconds, download_as=name))


@require_POST
def rename_film(request, pk):
    film = access.get_editable_film(request.viewer, pk)
    form = RenameFilmForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(form.errors["name"]))
        return redirect_to(request, film)
    film_services.rename_film(film=film, by=request.user, name=form.cleaned_data["name"])
    messages.success(request, _("Renamed."))
    return redirect_to(request, film)


@require_POST
def film_poster(request, pk):
    """Use the still of chapter ``number`` as the film's poster."""
    film = access.get_editable_film(request.viewer, pk)
    number = request.POST.get("number", "")
    if not (number.isascii() and number.isdecimal() and len(number) < 6 and int(number) < len(film.chapters)):
        return HttpResponseBadRequest(_("The film has no such frame."), content_type="text/plain")
    film_services.choose_poster(film=film, by=request.user, number=int(number))
    messages.success(request, _("This frame is now the poster of the film."))
    return redirect_to(request, film)


@require_POST
def delete_film(request, pk):
    """Move the film to the trash, with a message that offers to restore it."""
    film = access.get_editable_film(request.viewer, pk)
    film_services.delete_film(film=film, by=request.user)
    undo = reverse("studio:restore_film", args=[film.pk])
    messages.success(request, _("“%(name)s” was moved to the trash.") % {"name": film}, extra_tags=f"undo:{undo}")
    return redirect_to(request, reverse("studio:film", args=[film.story_id]))


@require_POST
@deleted_is_not_found
def restore_film(request, pk):
    film = access.get_editable_film(request.viewer, pk)
    film_services.restore_film(film=film, by=request.user)
    messages.success(request, _("“%(name)s” was restored.") % {"name": film})
    return redirect_to(request, film)
