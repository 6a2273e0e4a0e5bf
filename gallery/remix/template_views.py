"""The template library: list, use, save and delete story templates."""

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import EDIT, can
from common.web.htmx import redirect_to
from gallery.access import gallery_member_page, gallery_page, get_work, is_blocked, is_gated, works_to_see
from gallery.models import Remix, StoryTemplate, Work
from gallery.remix import templates
from gallery.remix.forms import SaveForm, UseForm
from gallery.remix.views import check_may_edit, open_create, read_key
from gallery.works.credits import get_author_name
from gallery.works.media import get_media_urls
from gallery.works.origin import Origin
from generation.errors import REFUSALS, status_of
from generation.media import storage
from generation.models import PromptTemplate
from generation.prompts.items import find_item
from generation.providers.styles import style_name
from studio import access as studio_access
from studio.errors import StudioRefused
from studio.limits import rate_limit_message
from studio.models import CharacterPicture
from studio.story_templates.body import TemplateBody, TemplateRefused
from studio.story_templates.save import add_pictures, build_body_from_story, create_cover
from studio.story_templates.shipped import CATEGORIES, find_template, list_templates

SHELVES = (
    ("", gettext_lazy("All")),
    ("studio", gettext_lazy("From the studio")),
    ("authors", gettext_lazy("From authors")),
    ("own", gettext_lazy("Yours")),
)
SHOWN_WORKS = 24


@require_safe
@gallery_page
def library(request):
    """List the templates that ship with the studio, the public ones of authors, and the workspace's own."""
    shelf = request.GET.get("from", "")
    category = request.GET.get("category", "") if request.GET.get("category") in CATEGORIES else ""
    shelves = [row for row in SHELVES if row[0] != "own" or request.user.is_authenticated]
    shelf = shelf if shelf in dict(shelves) else ""
    shipped = [row for row in list_templates() if category in ("", row.category)] if shelf in ("", "studio") else []
    context = {
        "shelf": shelf,
        "shelves": shelves,
        "category": category,
        "categories": CATEGORIES.items(),
        "shipped": shipped,
        "works": _list_works(request) if shelf in ("", "authors") and not category else [],
        "own": _list_own(request) if shelf in ("", "own") and not category else [],
    }
    return render(request, "gallery/templates.html", context)


def _list_works(request):
    rows = works_to_see(request.viewer).filter(kind=Work.Kind.TEMPLATE)
    rows = rows.select_related("workspace__home_of", "workspace__profile")
    return list(rows.order_by("-published_at", "-id")[:SHOWN_WORKS])


def _list_own(request):
    if not request.user.is_authenticated or request.workspace is None:
        return []
    rows = (
        StoryTemplate.objects.visible_to(request.viewer)
        .filter(workspace=request.workspace)
        .select_related("work", "cover")
    )
    return [
        (row, storage.create_link(row.cover.key) if row.cover else "") for row in rows.order_by("-created_at")[:100]
    ]


@dataclass
class Usable:
    """A template as the page shows it. ``row``: in the database, unless it ships with the studio. ``work``: published
    by somebody."""

    title: str
    body: TemplateBody
    description: str = ""
    cover_url: str = ""
    author: str = ""
    row: StoryTemplate | None = None
    work: Work | None = None

    @property
    def cover(self) -> str:
        """Return the address of the cover; "" without one."""
        if self.work:
            return get_media_urls(self.work).poster
        stored = self.row.cover if self.row else None
        return self.cover_url or (storage.create_link(stored.key) if stored else "")

    @property
    def origin(self) -> Origin | None:
        return Origin.of_work(self.work, Remix.How.TEMPLATE) if self.work else None

    @property
    def style(self) -> str:
        return str(style_name(self.body.style))


@require_http_methods(["GET", "HEAD", "POST"])
@gallery_page
def shipped_template(request, key):
    found = find_template(key)
    if found is None:
        raise Http404
    return _respond(request, Usable(found.title, found.body, found.description, found.cover_url))


@require_http_methods(["GET", "HEAD", "POST"])
@gallery_page
def public_template(request, code="", token=""):
    found = get_work(request.viewer, code=code, token=token)
    rows = Work.objects.select_related("template", "workspace__home_of", "workspace__profile")
    work = rows.get(pk=found.pk)
    if work.template is None or is_blocked(request.viewer, work.workspace_id):
        raise Http404
    if is_gated(request.viewer, work):
        return redirect_to(request, work)  # which asks first
    body = _read_body(work.template)
    return _respond(
        request, Usable(work.title, body, work.description, author=get_author_name(work), row=work.template, work=work)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@gallery_member_page
def own_template(request, pk):
    row = get_object_or_404(StoryTemplate.objects.visible_to(request.viewer), pk=pk)
    if request.method == "POST" and not can(request.viewer, EDIT, row.workspace_id):
        raise PermissionDenied
    return _respond(request, Usable(row.title, _read_body(row), row=row))


def _read_body(row: StoryTemplate) -> TemplateBody:
    """Return the body of a stored template. Raises Http404 for one that this version of the studio cannot read."""
    try:
        return TemplateBody.from_json(row.body)
    except TemplateRefused:
        raise Http404 from None


def _respond(request, usable: Usable):
    """Show the blanks of a template (GET), or make a story of it (POST)."""
    if request.method != "POST":
        return _render(request, usable, UseForm(body=usable.body))
    if not request.user.is_authenticated:
        return redirect_to(request, f"{reverse('account_signup')}?next={request.path}")
    form = UseForm(request.POST, body=usable.body)
    if not form.is_valid():
        return _render(request, usable, form, status=422)
    check_may_edit(request, request.workspace)
    if message := rate_limit_message(request, "story"):
        form.add_error(None, message)
        return _render(request, usable, form, status=429)
    try:
        return _open_prompt(request, usable, form) if usable.body.is_prompt else _create_story(request, usable, form)
    except TemplateRefused as refusal:
        form.add_error(None, str(refusal))
        return _render(request, usable, form, status=422)
    except (StudioRefused, *REFUSALS) as refusal:
        form.add_error(None, str(refusal))
        return _render(request, usable, form, status=getattr(refusal, "status", None) or status_of(refusal))


def _open_prompt(request, usable: Usable, form: UseForm):
    filled = usable.body.fill(form.get_values())
    query = {"style": filled.style, "ratio": filled.ratio, "seconds": filled.scenes[0].seconds}
    return open_create(request, filled.scenes[0].text, None, usable.origin, **query)


def _create_story(request, usable: Usable, form: UseForm):
    story = templates.create_story(
        usable.body,
        title=usable.title,
        values=form.get_values(),
        workspace=request.workspace,
        by=request.user,
        idem_key=read_key(request),
        origin=usable.origin,
        template=usable.row,
    )
    return redirect_to(request, reverse("studio:first_film", args=[story.pk]))


def _render(request, usable: Usable, form: UseForm, *, status: int = 200):
    row = usable.row
    context = {
        "template": usable,
        "form": form,
        "idem_key": uuid.uuid4().hex,
        "preview": [(number, scene) for number, scene in enumerate(usable.body.scenes, 1)],
        "may_edit": bool(row) and not usable.work and can(request.viewer, EDIT, row.workspace_id),
    }
    return render(request, "gallery/template.html", context, status=status)


@require_POST
@gallery_member_page
def delete_template(request, pk):
    row = get_object_or_404(StoryTemplate.objects.visible_to(request.viewer), pk=pk)
    if not can(request.viewer, EDIT, row.workspace_id):
        raise PermissionDenied
    row.delete()
    messages.success(request, _("“%(title)s” was deleted.") % {"title": row.title})
    return redirect_to(request, f"{reverse('gallery:templates')}?from=own")


@require_POST
@gallery_member_page
def share_prompt(request):
    """Make a template of one scene from one of the user's or the workspace's prompts (``key``), to publish it."""
    item = find_item(request.viewer, request.POST.get("key", ""))
    if item is None or item.kind != PromptTemplate.Kind.TEMPLATE or item.scope == "studio":
        raise Http404
    check_may_edit(request, request.workspace)
    if message := rate_limit_message(request, "story"):
        messages.error(request, message)
        return redirect_to(request, "generation:prompts")
    row = templates.save_prompt(item, workspace=request.workspace, by=request.user)
    return redirect_to(request, reverse("gallery:own_template", args=[row.pk]))


@require_http_methods(["GET", "HEAD", "POST"])
@gallery_member_page
def save_story(request, pk):
    """Save a story as a template: title, blanks, and whether its characters travel with their images."""
    story = studio_access.get_editable_story(request.viewer, pk)
    has_pictures = CharacterPicture.objects.filter(character__parts__scene__story=story).exists()
    try:
        body = build_body_from_story(story)
    except TemplateRefused as refusal:
        return _render_save(request, story, None, problem=str(refusal), status=422)
    names = {"body": body, "has_pictures": has_pictures}
    if request.method != "POST":
        return _render_save(request, story, SaveForm(initial={"title": story.title}, **names))
    form = SaveForm(request.POST, **names)
    if not form.is_valid():
        return _render_save(request, story, form, status=422)
    try:
        row = _save(request, story, form)
    except TemplateRefused as refusal:
        form.add_error(None, str(refusal))
        return _render_save(request, story, form, status=422)
    messages.success(request, _("The template was saved. Only your workspace sees it until you publish it."))
    return redirect_to(request, reverse("gallery:own_template", args=[row.pk]))


def _save(request, story, form: SaveForm) -> StoryTemplate:
    with_pictures = form.cleaned_data.get("has_pictures")
    base = add_pictures(form.body, story) if with_pictures else form.body
    form.body = base
    body = form.build_body()
    title = form.cleaned_data["title"]
    cover = create_cover(story, by=request.user)
    return templates.save_template(
        body, title=title, workspace=story.workspace, by=request.user, story=story, cover=cover
    )


def _render_save(request, story, form: SaveForm | None, *, problem: str = "", status: int = 200):
    context = {"story": story, "form": form, "problem": problem}
    return render(request, "gallery/template_save.html", context, status=status)
