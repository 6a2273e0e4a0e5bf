"""The page of prompts: templates, snippets, negative prompts and the history of what was asked."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.billing.limits import consume_rate, limit_of
from accounts.permissions import EDIT, can
from common.text import clean_text
from common.web.htmx import redirect_to, render_target
from generation import access
from generation.models import PromptStar, PromptTemplate
from generation.prompts import history, services
from generation.prompts.forms import ImportForm, TemplateForm, build_export
from generation.prompts.items import find_item, list_items, matches

Kind = PromptTemplate.Kind
TABS = {
    Kind.TEMPLATE: gettext_lazy("Templates"),
    Kind.SNIPPET: gettext_lazy("Snippets"),
    Kind.NEGATIVE: gettext_lazy("Negative prompts"),
    "history": gettext_lazy("History"),
}


@require_safe
def prompts(request):
    """Show a tab by ``?tab= &q= &category= &starred= &before=``. Unknown tabs count as the templates."""
    chosen = {name: request.GET.get(name, "")[:100].replace("\0", "") for name in ("tab", "q", "category", "starred")}
    chosen["tab"] = chosen["tab"] if chosen["tab"] in TABS else Kind.TEMPLATE.value
    build = _build_history if chosen["tab"] == "history" else _build_items
    context = {"chosen": chosen, "tabs": TABS.items(), "import_form": ImportForm(), **build(request, chosen)}
    return render_target(request, "generation/prompts.html", context, targets={"prompt-list": "list", "more": "more"})


def _build_items(request, chosen) -> dict:
    items = list_items(request.viewer, chosen["tab"])
    items = [item for item in items if matches(item, chosen["q"])]
    categories = sorted({item.category for item in items if item.category})
    starred = [item for item in items if item.is_starred]
    counts = [(name, sum(item.category == name for item in items)) for name in categories]
    shown = starred if chosen["starred"] else items
    if chosen["category"]:
        shown = [item for item in shown if item.category == chosen["category"]]
    return {"items": shown, "categories": counts, "count": len(items), "starred_count": len(starred)}


def _build_history(request, chosen) -> dict:
    stars = set(PromptStar.objects.filter(user=request.user).exclude(text="").values_list("key", flat=True))
    if chosen["starred"]:
        return {"asked": history.list_starred(request.viewer, chosen["q"]), "stars": stars, "starred_count": len(stars)}
    before = _parse_time(request.GET.get("before", ""))
    asked, last = history.list_asked(request.viewer, chosen["q"], before)
    next_page = f"?{urlencode(chosen | {'before': last.isoformat()})}" if last else ""
    return {"asked": asked, "stars": stars, "starred_count": len(stars), "next": next_page}


def _parse_time(text: str):
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


@require_http_methods(["GET", "HEAD", "POST"])
def edit_template(request, pk=None):
    """Show or store a template; a new one starts with ``?kind=``, ``?clip=`` (its words and cover)."""
    template = _get_editable(request, pk) if pk else None
    initial = {} if template else _read_initial(request)
    data = request.POST if request.method == "POST" else None
    form = TemplateForm(data, instance=template, initial=initial, viewer=request.viewer)
    if data is not None and form.is_valid() and _save(request, form, template):
        messages.success(request, _("The prompt was saved."))
        return redirect_to(request, f"{reverse('generation:prompts')}?tab={form.cleaned_data['kind']}")
    context = {"form": form, "template": template, "may_share": can(request.viewer, EDIT, request.workspace)}
    return render_target(request, "generation/prompt_form.html", context, status=200 if data is None else 422)


def _save(request, form, template) -> bool:
    """Store the form. Returns False, with an error in the form, if there are too many templates."""
    values = {name: form.cleaned_data[name] for name in form.Meta.fields}
    if template:
        services.change_template(template, values)
        return True
    is_shared = form.cleaned_data["is_shared"] and can(request.viewer, EDIT, request.workspace)
    try:
        services.create_templates([values], by=request.user, workspace=request.workspace, is_shared=is_shared)
    except services.TooManyTemplates:
        form.add_error(None, too_many_message())
        return False
    return True


def too_many_message() -> str:
    return _("There are too many prompts. Delete some first; nothing was saved.")


def _get_editable(request, pk) -> PromptTemplate:
    template = PromptTemplate.objects.visible_to(request.viewer).filter(pk=pk).first()
    if template is None:
        raise Http404
    if not (template.owner_id or can(request.viewer, EDIT, template.workspace)):
        raise PermissionDenied
    return template


def _read_initial(request) -> dict:
    """Return the initial values of a new template."""
    initial = {"kind": request.GET.get("kind"), "text": request.GET.get("text", "")[:2000]}
    if clip_id := request.GET.get("clip"):
        clip = access.visible_clips(request.viewer).filter(pk=_to_uuid(clip_id)).first()
        if clip is None:
            raise Http404
        initial |= {"text": clip.prompt, "title": clip.title[:80], "cover": clip.pk}
    return {name: value for name, value in initial.items() if value}


def _to_uuid(text: str):
    try:
        return PromptTemplate.id.field.to_python(text)
    except ValidationError:
        raise Http404 from None


@require_POST
def delete_template(request, pk):
    template = _get_editable(request, pk)
    services.delete_template(template)
    messages.success(request, _("“%(title)s” was deleted.") % {"title": template.title})
    return redirect_to(request, f"{reverse('generation:prompts')}?tab={template.kind}")


@require_POST
def use(request):
    """Open Create with the posted ``text`` and first frame ``picture``, or with the words of the template ``key``."""
    key, text = request.POST.get("key", ""), clean_text(request.POST.get("text", ""))[:2000]
    if key:
        item = find_item(request.viewer, key)
        if item is None:
            raise Http404
        services.count_use(key, request.viewer)
        text = item.text
    request.session[services.SESSION_KEY] = text
    query = {"words": "1"}
    if picture := request.POST.get("picture"):
        query |= {"tab": "picture", "picture": str(_to_uuid(picture))}
    return redirect_to(request, f"{reverse('generation:create')}?{urlencode(query)}")


@require_POST
def star(request):
    """Set (``on=1``) or remove the star on a template (``key``) or on an asked prompt (``text``)."""
    text, is_on = clean_text(request.POST.get("text", ""))[:2000], request.POST.get("on") == "1"
    key = history.build_key(text) if text else request.POST.get("key", "")
    if not text and find_item(request.viewer, key) is None:
        raise Http404
    services.set_star(request.user, key, text=text, is_on=is_on)
    context = {"key": key, "text": text, "is_starred": is_on, "tab": request.POST.get("tab", "")}
    if request.htmx:
        return render_target(request, "generation/prompts.html#star", context)
    tab = context["tab"] if context["tab"] in TABS else Kind.TEMPLATE
    return redirect(f"{reverse('generation:prompts')}?tab={tab}")


@require_safe
def pick(request):
    """Return what can be inserted into a prompt, as JSON."""
    items = list_items(request.viewer, Kind.TEMPLATE, Kind.SNIPPET)
    rows = [{"title": item.title, "text": item.text, "group": item.category, "kind": item.kind} for item in items]
    return JsonResponse({"items": rows}, headers={"Cache-Control": "private, no-cache"})


@require_safe
def export(request):
    """Download the user's own prompts and those of the workspace as JSON, if there are any."""
    rows = list(PromptTemplate.objects.visible_in(request.viewer).order_by("created_at"))
    if not rows:
        messages.info(request, _("You have no prompts of your own yet, so there is nothing to export."))
        return redirect("generation:prompts")
    headers = {"Content-Disposition": 'attachment; filename="prompts.json"'}
    return HttpResponse(build_export(rows), content_type="application/json", headers=headers)


@require_POST
def import_templates(request):
    """Add the prompts of an exported file; all or none."""
    if not consume_rate(request, "upload"):
        messages.error(request, _("Too many requests. Wait a moment and try again."))
        return redirect("generation:prompts")
    form = ImportForm(request.POST, request.FILES, most=limit_of(request.workspace, "prompt_templates"))
    is_shared = request.POST.get("is_shared") and can(request.viewer, EDIT, request.workspace)
    if form.is_valid():
        try:
            found = services.create_templates(
                form.rows, by=request.user, workspace=request.workspace, is_shared=bool(is_shared)
            )
        except services.TooManyTemplates:
            form.add_error("file", too_many_message())
        else:
            n = len(found)
            messages.success(request, ngettext("%(n)d prompt imported.", "%(n)d prompts imported.", n) % {"n": n})
            return redirect(f"{reverse('generation:prompts')}?tab={found[0].kind}")
    chosen = {"tab": Kind.TEMPLATE.value, "q": "", "category": "", "starred": ""}
    context = {"chosen": chosen, "tabs": TABS.items(), "import_form": form, **_build_items(request, chosen)}
    return render_target(request, "generation/prompts.html", context, status=422)
