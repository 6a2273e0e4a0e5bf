"""Like a work, save it to playlists, comment on it."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.billing.limits import consume_rate
from accounts.sign_in.login_throttle import find_network
from common.web.htmx import refuse, render_target
from gallery.access import gallery_member_page, gallery_page, get_readable_work, get_work
from gallery.errors import ReactionRefused
from gallery.models import Playlist
from gallery.reactions import comments, slots, thread
from gallery.reactions.likes import set_like
from gallery.reactions.networks import may_count
from gallery.reactions.playlists import create_playlist, get_saved_list, list_playlists, set_playlists


@require_POST
@gallery_member_page
def like(request, **address):
    """Like the work (``like=1``), or take the like back. htmx gets the button again."""
    work = get_work(request.viewer, **address)
    if not consume_rate(request, "like"):
        return _refuse_rate(request)
    is_liked = request.POST.get("like") == "1"
    try:
        work.like_count = set_like(
            user=request.user,
            work=work,
            workspace=request.workspace,
            is_liked=is_liked,
            may_count=lambda: may_count(request.viewer, work, find_network(request)),
        )
    except ReactionRefused as refusal:
        return refuse(request, str(refusal), refusal.status)
    if request.htmx:
        context = {"work": work, "base": work.get_absolute_url(), "standing": slots.Standing(is_liked=is_liked)}
        return render(request, "gallery/_like.html", context)
    return redirect(work)


@require_http_methods(["GET", "HEAD", "POST"])
@gallery_member_page
def save(request, **address):
    """Show the user's playlists, those with the work checked, and save the work to the chosen ones and a new one."""
    work = get_work(request.viewer, **address)
    if request.method != "POST":
        return _render_save(request, work)
    if not consume_rate(request, "like"):
        return _refuse_rate(request)
    try:
        chosen = _save(request, work)
    except ReactionRefused as refusal:
        if refusal.status == 422:
            return _render_save(request, work, problem=str(refusal), status=422)
        return refuse(request, str(refusal), refusal.status)
    messages.success(request, _("Saved.") if chosen else _("The work is in none of your playlists."))
    if request.htmx:
        work.refresh_from_db(fields=["save_count"])
        context = {"work": work, "base": work.get_absolute_url(), "standing": slots.Standing(is_saved=bool(chosen))}
        return render(request, "gallery/_save.html", context)
    return redirect(work)


@transaction.atomic
def _save(request, work) -> list[Playlist]:
    """Save the work as the form says. Returns the playlists that have it now."""
    codes = set(request.POST.getlist("playlist"))
    chosen = [playlist for playlist in list_playlists(request.workspace) if playlist.code in codes]
    if "saved" in codes:
        chosen.append(get_saved_list(request.workspace, by=request.user))
    if title := request.POST.get("title", "").strip():
        chosen.append(create_playlist(workspace=request.workspace, by=request.user, title=title))
    set_playlists(user=request.user, work=work, workspace=request.workspace, playlists=chosen)
    return chosen


def _render_save(request, work, problem: str = "", status: int = 200):
    playlists = list_playlists(request.workspace)
    entries = work.entries.filter(playlist__workspace=request.workspace.pk)
    context = {
        "work": work,
        "base": work.get_absolute_url(),
        "playlists": playlists,
        "has_saved_list": any(playlist.is_saved for playlist in playlists),
        "saved_in": set(entries.values_list("playlist", flat=True)),
        "problem": problem,
        "title": request.POST.get("title", ""),
    }
    targets = {"save-form": "form", "work-save": "form"}  # the target of a GET, and of a POST that is refused
    return render_target(request, "gallery/save.html", context, targets=targets, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@gallery_page
def work_comments(request, **address):
    """Show the comments on a work, newest first, by page (``?after=``), or add one."""
    if request.method == "POST":
        return _add_comment(request, **address)
    return _render_comments(request, get_readable_work(request.viewer, **address))


def _render_comments(request, work, *, draft=None, status: int = 200, **problems: str):
    """``problems``: "problem" with the comment, "handle_problem" with the handle."""
    context = slots.build_comments(request.viewer, work, request.GET.get("after", "")) | {"draft": draft, **problems}
    targets = {"comments": "section", "more": "more"}
    return render_target(request, "gallery/comments.html", context, targets=targets, status=status)


@gallery_member_page
def _add_comment(request, **address):
    """Add a comment, or an answer to one (``answer_to``). htmx gets all comments, or the comment with its answers."""
    work = get_readable_work(request.viewer, **address)
    draft = {name: request.POST.get(name, "") for name in ("text", "frame", "answer_to", "handle")}
    answer_to = thread.get_comment(request.viewer, work, draft["answer_to"]) if draft["answer_to"] else None
    try:
        comment = _save_comment(request, work, draft, answer_to)
    except ReactionRefused as refusal:
        if refusal.status == 422 and answer_to is None:
            problems = {f"{refusal.field}_problem" if refusal.field else "problem": str(refusal)}
            return _render_comments(request, work, draft=draft, status=422, **problems)
        return refuse(request, str(refusal), refusal.status)
    if comment.state == comment.State.WAITING:
        messages.info(request, _("Your comment has a link, so an administrator looks at it before others see it."))
    if not request.htmx:
        return redirect(f"{work.get_absolute_url()}#comment-{comment.code}")
    work.refresh_from_db(fields=["comment_count"])
    return render_thread(request, work, comment.answer_to) if answer_to else _render_comments(request, work)


def _save_comment(request, work, draft: dict, answer_to):
    """Add the comment. One that is malformed does not count against the rate. Raises ReactionRefused."""
    text, frame = comments.check_text(draft["text"]), read_frame(draft["frame"])
    if not consume_rate(request, "comment"):
        raise ReactionRefused(_("Too many requests. Wait a moment and try again."), 429)
    return comments.add_comment(
        user=request.user,
        work=work,
        workspace=request.workspace,
        text=text,
        frame=frame,
        answer_to=answer_to,
        handle=draft["handle"],
    )


def read_frame(value: str) -> int | None:
    """Return the frame of a form's field; None for an empty one. Raises ReactionRefused for anything but a number."""
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise ReactionRefused(_("The work has no such frame."), 422)
    return int(value)


def render_thread(request, work, comment):
    """Render a comment of the list with its newest answers, and the new number of comments."""
    comment = thread.add_newest_answers(request.viewer, thread.get_comment(request.viewer, work, comment.code))
    context = slots.build_base(request.viewer, work) | {"comment": comment, "is_answered": True}
    return render(request, "gallery/comments.html#changed", context)


@require_safe
@gallery_page
def comment(request, comment_code, **address):
    """Show a comment with all its answers, oldest first, by page (``?after=``). An answer leads to its comment."""
    work = get_readable_work(request.viewer, **address)
    row = thread.get_comment(request.viewer, work, comment_code)
    if row.answer_to:
        return redirect(f"{work.get_absolute_url()}comments/{row.answer_to.code}/#comment-{row.code}")
    page = thread.fetch_answers(request.viewer, row, request.GET.get("after", ""))
    context = slots.build_base(request.viewer, work) | {
        "comment": row,
        "page": page,
        "next": f"?after={page.after}" if page.after else "",
    }
    return render_target(request, "gallery/comment.html", context, targets={"more": "more"})


@require_POST
@gallery_member_page
def remove_comment(request, comment_code, **address):
    """Remove one's own comment, or one on a work of one's workspace. Its answers stay."""
    work = get_readable_work(request.viewer, **address)
    row = thread.get_comment(request.viewer, work, comment_code)
    try:
        comments.remove_comment(row, by=request.user)
    except ReactionRefused as refusal:
        return refuse(request, str(refusal), refusal.status)
    messages.success(request, _("The comment was removed."))
    if not request.htmx:
        return redirect(f"{work.get_absolute_url()}#comments")
    work.refresh_from_db(fields=["comment_count"])
    return _render_removed(request, work, row)


def _render_removed(request, work, row):
    """Render what is left of the comment and its answers, if anything, and the new number of comments."""
    comment = row.answer_to or row
    if comment.state == comment.State.SHOWN or comment.answers.filter(state=comment.State.SHOWN).exists():
        return render_thread(request, work, comment)
    return render(request, "gallery/comments.html#count_changed", {"work": work})


def _refuse_rate(request):
    return refuse(request, _("Too many requests. Wait a moment and try again."), 429)
