"""Views with which somebody directs the panel of a scene by hand."""

import logging
from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from common.messages import build_message
from common.web.htmx import redirect_to, render_target
from generation.animatic.panel_preview import Preview, PreviewFailed, draw_preview, pack_panel, unpack_panel
from generation.animatic.storyboard.framing import get_still_window
from generation.animatic.storyboard.panel import Panel
from generation.animatic.storyboard.panel_json import PanelRefused, list_who
from generation.animatic.storyboard.placing import add_figure, add_thing
from generation.composer.panel_labels import list_figures, name_figure, name_thing, search_catalogue
from generation.errors import REFUSALS, picture_message, picture_status, status_of
from generation.media.errors import PictureRefused
from studio import access
from studio.drawing.clip_request import can_direct, draws_panel, list_layout_parts
from studio.drawing.coherence import get_draft_seed
from studio.drawing.staging import find_panel, save_layout, save_panel
from studio.errors import Collision, StudioRefused
from studio.limits import rate_limit_message
from studio.models import Scene
from studio.storyboard.responses import animate_scene, get_board_url, get_shown_rev
from studio.storyboard.staging_form import StagingForms

log = logging.getLogger("studio.storyboard.staging_views")
MAX_PAST = 12  # steps that can be undone
CACHE_SECONDS = 24 * 3600
SAVED = {  # as what the drawing of the panel is used
    "draft": gettext_lazy("Saved. The draft is drawn again. Nothing is charged."),
    "words": gettext_lazy("Saved. The prompt of the final take says what the panel shows. Nothing is charged."),
    "picture": gettext_lazy("Saved. The model gets the drawing as a reference image. Nothing is charged."),
    "first_frame": gettext_lazy("Saved. The model gets the drawing as the first frame. Nothing is charged."),
}


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

    ``do``: redraw, undo, save, clear (read the panel from the words again), search, "add figure|thing NAME",
    "remove figure|thing NUMBER", or "use picture|first_frame" (save it, and its drawing as that image of the scene).
    """
    row = access.get_editable_scene(request.viewer, pk)
    if row.position is None or not can_direct(row):
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
    return _act(request, board, do)


def _act(request, board: Board, do: str) -> HttpResponse:
    """Do something with what the forms hold, or show what is wrong with it."""
    row, part = board.scene, do.removeprefix("use ")
    try:
        board.forms = StagingForms.from_post(request.POST)
        if not board.forms.is_valid():
            board.problems = tuple(board.forms.list_errors())
            return _render(request, board)
        panel = _change(board, do, board.forms.to_panel(board.shown.cut))
    except PanelRefused as refusal:
        board.problems = (build_message(refusal.code, **refusal.values),)
        return _render(request, board)
    if do == "save":
        return _save(request, row, panel, message=SAVED["draft" if draws_panel(row) else "words"], board=board)
    if part != do and part in list_layout_parts(row):
        return _save(request, row, panel, message=SAVED[part], board=board, part=part)
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


def _save(request, row: Scene, panel: Panel | None, *, message, board: Board | None = None, part: str = ""):
    """Store the panel, and its drawing if it is to be the image ``part`` of the scene."""
    if part and (text := rate_limit_message(request, "upload")):
        return _render(request, replace(board, problems=(text,)), status=429)
    to_write = {"scene": row, "by": request.user, "rev": get_shown_rev(request, row), "panel": panel}
    try:
        save_layout(**to_write, part=part) if part else save_panel(**to_write)
    except (StudioRefused, PreviewFailed, PictureRefused, *REFUSALS) as refusal:
        text, status = _describe(refusal)
        if board is None:
            messages.error(request, text)
            return redirect_to(request, reverse("studio:direct", args=[row.pk]))
        return _render(request, replace(board, problems=(text,)), status=status)
    messages.success(request, message)
    row.refresh_from_db()
    if draws_panel(row):
        animate_scene(request, row)
    return redirect_to(request, get_board_url(row.story, row))


def _describe(refusal: Exception) -> tuple[str, int]:
    """Return why nothing was saved, and the HTTP status."""
    if isinstance(refusal, PreviewFailed):
        log.warning("a layout was not drawn: %s", refusal)
        return _("The panel could not be drawn. Nothing was saved. Wait a moment and try again."), 503
    if isinstance(refusal, PictureRefused):
        return picture_message(refusal), picture_status(refusal)
    text = _("Somebody else directed this scene in the meantime. Nothing was saved. Open the page again to see it.")
    return text if isinstance(refusal, Collision) else str(refusal), status_of(refusal)


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
        "is_draft": draws_panel(board.scene),
        "layout_parts": list_layout_parts(board.scene),
        "window": " ".join(f"{part:.4f}" for part in get_still_window(board.shown.camera)),
    }
    targets = {"staging-sheet": "sheet", "staging": "board"}
    return render_target(request, "studio/direct.html", context, targets=targets, status=status or board.status)
