"""Views with which somebody directs the panel of a scene by hand."""

import logging
from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from common.messages import build_message
from common.web.htmx import redirect_to, render_target
from generation.animatic.panel_preview import Preview, PreviewFailed, draw_preview, pack_panel, unpack_panel
from generation.animatic.storyboard.framing import get_still_window
from generation.animatic.storyboard.panel import Panel
from generation.animatic.storyboard.panel_json import PanelRefused, list_who
from generation.animatic.storyboard.placing import add_figure, add_thing
from generation.composer.panel_labels import list_figures, name_figure, name_thing, search_catalogue
from studio import access
from studio.drawing.clip_request import draws_panel
from studio.drawing.coherence import get_draft_seed
from studio.drawing.staging import find_panel, save_panel
from studio.errors import Collision, StudioRefused
from studio.models import Scene
from studio.storyboard.responses import animate_scene, get_board_url, get_shown_rev
from studio.storyboard.staging_form import StagingForms

log = logging.getLogger("studio.storyboard.staging_views")
MAX_PAST = 12  # steps that can be undone
CACHE_SECONDS = 24 * 3600


@dataclass
class Board:
    """What the page shows. ``shown``: the panel that is drawn. ``past``: earlier panels, packed, newest last."""

    scene: Scene
    forms: StagingForms
    shown: Panel
    past: list[str]
    problems: tuple[str, ...] = ()
    words: str = ""  # that were searched for, with what was found
    found: tuple[dict, ...] = ()
    opened: str = ""  # prefix of the form that is open

    @property
    def status(self) -> int:
        return 422 if self.problems else 200


@require_http_methods(["GET", "HEAD", "POST"])
def direct(request, pk):
    """Show the panel of a scene with its forms (GET), or do something with what they hold (POST).

    ``do``: redraw, undo, save, clear (read the panel from the words again), search, "add figure|thing NAME", or
    "remove figure|thing NUMBER".
    """
    row = access.get_editable_scene(request.viewer, pk)
    if row.position is None or not draws_panel(row):
        raise Http404
    do = request.POST.get("do") or "redraw"
    if do == "clear":
        return _save(request, row, None, message=_("The panel is read from the words again."))
    shown = _get_shown(request, row)
    board = Board(row, StagingForms.from_panel(shown), shown, request.POST.getlist("past")[-MAX_PAST:])
    if request.method != "POST":
        return _render(request, board)
    if do == "undo":
        return _render(request, _undo(board))
    try:
        board.forms = StagingForms.from_post(request.POST)
        if not board.forms.is_valid():
            board.problems = tuple(board.forms.list_errors())
            return _render(request, board)
        panel = _change(board, do, board.forms.to_panel(shown.cut))
    except PanelRefused as refusal:
        board.problems = (build_message(refusal.code, **refusal.values),)
        return _render(request, board)
    if do == "save":
        return _save(
            request, row, panel, message=_("Saved. The draft is drawn again. Nothing is charged."), board=board
        )
    _show(board, panel)
    if do == "search":
        board.words = request.POST.get("words", "")[:80]
        board.found = tuple(search_catalogue(board.words))
    return _render(request, board)


@require_safe
def panel_picture(request, pk):
    """Draw the panel that ``panel`` holds for people who may see the scene."""
    row = access.get_visible_scene(request.viewer, pk)
    try:
        panel = unpack_panel(request.GET.get("panel", ""), str(row.position or 1))
    except PanelRefused:
        raise Http404 from None
    preview = Preview(panel, row.story.aspect, get_draft_seed(row, is_coherent=True), row.seconds)
    try:
        picture = draw_preview(preview, str(request.user.pk))
    except PreviewFailed as failure:
        log.warning("the panel of scene %s was not drawn: %s", row.pk, failure)
        return HttpResponse(status=503)
    headers = {"Cache-Control": f"private, max-age={CACHE_SECONDS}, immutable"}
    return HttpResponse(picture, content_type="image/webp", headers=headers)


def _get_shown(request, row: Scene) -> Panel:
    """Return the panel that the page showed, or that of the scene; of one that cannot be read, what the words say."""
    cut = str(row.position)
    try:
        return unpack_panel(request.POST["shown"], cut) if "shown" in request.POST else find_panel(row)
    except PanelRefused:
        return find_panel(row, is_from_words=True)


def _undo(board: Board) -> Board:
    try:
        panel = unpack_panel(board.past.pop(), board.shown.cut) if board.past else board.shown
    except PanelRefused as refusal:
        return replace(board, problems=(build_message(refusal.code, **refusal.values),))
    return replace(board, shown=panel, forms=StagingForms.from_panel(panel))


def _change(board: Board, do: str, panel: Panel) -> Panel:
    """Return the panel with a figure or thing added or removed, and open the form of what was added.

    Raises PanelRefused if it is full, Http404 for anything else.
    """
    act, _space, rest = do.partition(" ")
    kind, _space, name = rest.partition(" ")
    if act not in ("add", "remove"):
        return panel
    rows = {"figure": panel.figures, "thing": panel.things}.get(kind)
    if rows is None or (act == "remove" and not (name.isdecimal() and len(name) < 4 and int(name) < len(rows))):
        raise Http404
    if act == "remove":
        left = tuple(one for n, one in enumerate(rows) if n != int(name))
        return replace(panel, **{f"{kind}s": left})
    if kind == "figure" and name not in list_who():
        raise Http404
    board.opened = f"{kind}-{len(rows)}"
    added = add_figure(panel, name) if kind == "figure" else add_thing(panel, name)
    return unpack_panel(pack_panel(added), panel.cut)  # refuses what is too much or too long


def _show(board: Board, panel: Panel) -> None:
    """Show another panel, and remember the one before."""
    if panel != board.shown:
        board.past = [*board.past, pack_panel(board.shown)][-MAX_PAST:]
    board.shown, board.forms = panel, StagingForms.from_panel(panel)


def _save(request, row: Scene, panel: Panel | None, *, message: str, board: Board | None = None):
    try:
        save_panel(scene=row, by=request.user, rev=get_shown_rev(request, row), panel=panel)
    except StudioRefused as refusal:
        text = _describe(refusal)
        if board is None:
            messages.error(request, text)
            return redirect_to(request, reverse("studio:direct", args=[row.pk]))
        return _render(request, replace(board, problems=(text,)), status=409)
    messages.success(request, message)
    row.refresh_from_db()
    animate_scene(request, row)
    return redirect_to(request, get_board_url(row.story, row))


def _describe(refusal: StudioRefused) -> str:
    if isinstance(refusal, Collision):
        return _("Somebody else directed this scene in the meantime. Nothing was saved. Open the page again to see it.")
    return str(refusal)


def _render(request, board: Board, *, status: int = 0):
    names = [name_figure(figure.role) for figure in board.shown.figures]
    things = [name_thing(thing.name) for thing in board.shown.things]
    packed = pack_panel(board.shown)
    context = {
        "board": board,
        "scene": board.scene,
        "story": board.scene.story,
        "figures": list(zip(board.forms.figures, names, strict=False)),
        "things": list(zip(board.forms.things, things, strict=False)),
        "who": list_figures(),
        "packed": packed,
        "alt": ", ".join([*names, *things]) or _("An empty panel"),
        "window": " ".join(f"{part:.4f}" for part in get_still_window(board.shown.camera)),
    }
    targets = {"staging-sheet": "sheet", "staging": "board"}
    return render_target(request, "studio/direct.html", context, targets=targets, status=status or board.status)
