"""What remixes and templates add to pages, through named slots."""

from django.conf import settings
from django.middleware.csrf import get_token
from django.template.loader import render_to_string

from gallery.access import Opening, is_open_to
from gallery.models import Work
from gallery.reactions.slots import get_standing
from gallery.remix.menu import build_menu
from gallery.remix.views import get_remix_path, get_use_path
from gallery.works.lineage import build_lineage, credit_work, get_licence_label
from gallery.works.origin import read_origin
from studio.story_templates.use import RUN_KEY


def render_remix_button(context) -> str:
    """Return the remix menu of a work, or the button that uses a template, for the slot "work.actions"."""
    request, work = context.get("request"), context.get("work")
    if not (request and work):
        return ""
    user = request.user
    if work.kind == Work.Kind.TEMPLATE:
        return render_to_string("gallery/_remix.html#use", {"path": get_use_path(work)})
    menu = build_menu(request.viewer, work, blocked=get_standing(request.viewer, work).is_blocked)
    values = {"work": work, "path": get_remix_path(work), "menu": menu}
    values |= {"is_member": user.is_authenticated}
    if user.is_authenticated:
        values["csrf_token"] = get_token(request)
    return render_to_string("gallery/_remix.html#button", values)


def render_lineage(context) -> str:
    """Return what a work was made from and what was made from it, for the slot "work.below"."""
    request, work = context.get("request"), context.get("work")
    if not (request and work):
        return ""
    lineage = build_lineage(request.viewer, work)
    if not (lineage.parents or lineage.children or lineage.hidden):
        return ""
    return render_to_string("gallery/_remix.html#lineage", {"lineage": lineage, "work": work})


def render_create_origin(context) -> str:
    """Return what a new clip is a remix of, for the slot "create.origin"; "" if it is none."""
    form = context.get("form")
    token = str(form["origin"].value() or "") if form and "origin" in form.fields else ""
    origin = read_origin(token)
    if origin is None:
        return ""
    work = Work.objects.filter(code=origin.code).select_related("workspace__home_of", "workspace__profile").first()
    if work is None:
        return ""
    credit = credit_work(work)
    if work.visibility != Work.Visibility.PUBLIC:
        credit.url = ""
    credit.licence = get_licence_label(origin.licence)
    values = {"token": token, "credit": credit}
    return render_to_string("gallery/_remix.html#origin", values)


def render_story_action(context) -> str:
    """Return the link that saves a story as a template, for the slot "story.acts"."""
    story = context.get("story")
    if not (story and context.get("may_edit")) or settings.GALLERY == Opening.OFF:
        return ""
    board = context.get("board")
    return render_to_string("gallery/_remix.html#save", {"story": story}) if board and board.panels else ""


def render_first_film_writer(context) -> str:
    """Return who wrote the scenes of a story that was made from a template, for the slot "first_film.writer"."""
    run = getattr(context.get("shown"), "run", None)
    is_from_template = run and run.job and run.job.idem_key.startswith(RUN_KEY)
    return render_to_string("gallery/_remix.html#writer", {}) if is_from_template else ""


def render_prompt_action(context) -> str:
    """Return the button that makes a public template of a prompt, for the slot "prompt.actions"."""
    item = context.get("item")
    if settings.GALLERY == Opening.OFF or not (item and item.may_edit and item.kind == "template"):
        return ""
    values = {"item": item, "csrf_token": context.get("csrf_token")}
    return render_to_string("gallery/_remix.html#share_prompt", values)


def render_new_story(context) -> str:
    """Return the link to the template library on the page for a new story, for the slot "stories.new"."""
    request = context.get("request")
    return render_to_string("gallery/_remix.html#library", {}) if request and is_open_to(request.viewer) else ""
