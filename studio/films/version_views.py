"""One version of a film: watch it, name it, compare it, keep it or throw it away."""

import uuid
from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponseBadRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common.web.errors import deleted_is_not_found
from common.web.htmx import redirect_to, render_target
from generation.media import storage
from jobs.maintenance import BIN_DAYS
from studio import access
from studio.films import plan_json
from studio.films import services as film_services
from studio.films.forms import NameForm
from studio.films.versions import versions
from studio.models import Film


@require_safe
def film_page(request, pk):
    """``?with=`` another version of the same story shows both side by side."""
    found = access.film_to_see(request, pk)
    other = _named(found, request.GET.get("with", ""))
    context = {
        "film": found,
        **versions(found.story),
        "other": other,
        "story": found.story,
        "may_edit": access.may_edit(request, found.story.workspace),
        "removed_on": found.deleted_at and found.deleted_at + timedelta(days=BIN_DAYS),
        "chapters": _chapters(found),
        "differences": plan_json.differences(found, other) if other else [],
    }
    return render_target(request, "studio/film_page.html", context, targets={f"job-{found.job_id}": "live"})


def _named(film: Film, name: str) -> Film | None:
    """Another finished version of the same story, however old it is."""
    rows = Film.objects.shown().filter(story=film.story_id).exclude(pk=film.pk).select_related("job", "story")
    try:
        found = rows.filter(pk=uuid.UUID(name)).first()
    except ValueError:
        return None
    return found if found and found.is_ready else None


def _chapters(film: Film) -> list[dict]:
    return [
        each | {"number": number, "seconds": each["start"] / 24, "length": (each["end"] - each["start"]) / 24,
                "still": storage.create_link(film.still(number)) if film.is_ready else ""}
        for number, each in enumerate(film.chapters)
    ]  # fmt: skip


@require_safe
def play_film(request, pk):
    """Rights are checked here on every request; the link behind it ends within minutes."""
    return _to_file(request, pk, seconds=600)


@require_safe
def download_film(request, pk):
    return _to_file(request, pk, seconds=300, as_download=True)


def _to_file(request, pk, *, seconds, as_download=False):
    film = access.film_to_see(request, pk)
    if film.deleted_at or not film.is_ready:
        raise Http404
    name = f"{film.story.title[:80]} {film.name or film.version}.mp4" if as_download else ""
    return redirect(storage.create_link(film.key, seconds=seconds, download_as=name))


@require_POST
def rename_film(request, pk):
    film = access.film_to_edit(request, pk)
    form = NameForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(form.errors["name"]))
        return redirect_to(request, film)
    film_services.rename_film(film=film, by=request.user, name=form.cleaned_data["name"])
    messages.success(request, _("Renamed."))
    return redirect_to(request, film)


@require_POST
def film_poster(request, pk):
    """``number`` is that of the chapter whose still stands for the film."""
    film = access.film_to_edit(request, pk)
    number = request.POST.get("number", "")
    if not (number.isascii() and number.isdecimal() and len(number) < 6 and int(number) < len(film.chapters)):
        return HttpResponseBadRequest(_("The film has no such frame."), content_type="text/plain")
    film_services.choose_poster(film=film, by=request.user, number=int(number))
    messages.success(request, _("This frame is now the poster of the film."))
    return redirect_to(request, film)


@require_POST
def delete_film(request, pk):
    """Into the bin, with the way back in the message."""
    film = access.film_to_edit(request, pk)
    film_services.delete_film(film=film, by=request.user)
    undo = reverse("studio:restore_film", args=[film.pk])
    messages.success(request, _("“%(name)s” was moved to the trash.") % {"name": film}, extra_tags=f"undo:{undo}")
    return redirect_to(request, reverse("studio:film", args=[film.story_id]))


@require_POST
@deleted_is_not_found
def restore_film(request, pk):
    film = access.film_to_edit(request, pk)
    film_services.restore_film(film=film, by=request.user)
    messages.success(request, _("“%(name)s” was restored.") % {"name": film})
    return redirect_to(request, film)
