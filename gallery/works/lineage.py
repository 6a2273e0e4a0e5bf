"""What something was made from, and what was made from it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.viewer import Viewer
from gallery.access import works_to_see
from gallery.models import Remix, Work
from gallery.works.credits import get_author_name
from gallery.works.origin import copy_parents
from generation.models import Clip
from studio.models import Film, Story

MAX_STEPS = 20  # from a clip to those that it continues, varies or has effects of
MAX_GENERATIONS = 6  # of parents that a page shows
MAX_CHILDREN = 24


def find_parents(source) -> list[Remix]:
    """Return the remixes by which a clip, film or template was made from works, the first row of each work.

    A film was made from what its story and its takes were made from; a clip also from what the clips were made from
    that it continues, varies or has effects of.
    """
    rows = Remix.objects.filter(child__in=_list_ids(source)).select_related("parent__workspace__profile")
    found: dict[str, Remix] = {}
    for row in rows.order_by("created_at", "pk"):
        found.setdefault(row.parent_code, row)
    return list(found.values())


def _list_ids(source) -> set:
    if isinstance(source, Clip):
        return _collect_clips([source.pk])
    if isinstance(source, Film):
        clips = [piece["clip"] for piece in source.plan["pieces"] if piece.get("clip")]
        return {*_collect_stories(source.story_id), *_collect_clips(clips)}
    if isinstance(source, Story):
        return _collect_stories(source.pk)
    return {source.pk}


def _collect_stories(story) -> set:
    """Return the ids of a story and of those that it is a copy of."""
    found: set = set()
    while story and story not in found and len(found) < MAX_STEPS:
        found.add(story)
        story = Story.objects.filter(pk=story).values_list("copy_of", flat=True).first()
    return found


def _collect_clips(clips: Iterable) -> set:
    """Return the ids of the clips and of those that they were made from, with the other takes of their requests."""
    found: set = set()
    new = set(Clip.objects.filter(pk__in=list(clips)).values_list("pk", flat=True))
    for _step in range(MAX_STEPS):
        if not new:
            break
        found |= new
        rows = Clip.objects.filter(pk__in=new).values_list("request", "continues", "variation_of", "effects_source")
        requests, *sources = zip(*rows, strict=True) if rows else ((), (), (), ())
        takes = Clip.objects.filter(request__in=set(requests)).values_list("pk", flat=True)
        new = {*takes, *(pk for column in sources for pk in column if pk)} - found
    return found


def find_children(work: Work) -> list[Remix]:
    return list(Remix.objects.filter(parent=work).order_by("-created_at")[:MAX_CHILDREN])


@dataclass
class Credit:
    """One entry of the tree: title, author and licence of a work, and its address if the viewer may see the work.

    ``how``: what was taken from a parent; "" for a remix. ``below``: the parents of a parent.
    """

    title: str
    author: str
    licence: str
    how: str = ""
    url: str = ""
    author_url: str = ""
    below: list["Credit"] = field(default_factory=list)


@dataclass
class Lineage:
    """``parents``: the trees above, farthest first in each. ``children``: remixes that the viewer may see; ``hidden``:
    how many more there are."""

    parents: list[Credit]
    children: list[Credit]
    hidden: int


def build_lineage(viewer: Viewer, work: Work) -> Lineage:
    """Return the lineage of a work: one query for a work that nothing belongs to, otherwise one per generation and
    two more."""
    generations = _load_generations(work)
    codes = {row.parent_code for rows in generations.values() for row in rows}
    by_child = {row.child: row for row in find_children(work)} if work.remix_count else {}
    if not (codes or by_child):
        return Lineage([], [], 0)
    visible = works_to_see(viewer).select_related(
        "workspace__home_of", "workspace__profile", "film", "clip", "template"
    )
    wanted = Q(code__in=codes) | Q(clip__in=by_child) | Q(film__story__in=by_child) | Q(template__in=by_child)
    shown = {one.code: one for one in visible.filter(wanted)}
    parents = [_credit_parent(row, generations, shown, set()) for row in generations.get(work.code, ())]
    below = [credit_work(one) for one in shown.values() if one.pk != work.pk and get_child_id(one) in by_child]
    return Lineage(parents, below, max(0, work.remix_count - len(below)))


def get_child_id(work: Work):
    """Return the id under which a work's source is a child: that of its clip, its story or its template."""
    return work.film.story_id if work.film else work.clip_id or work.template_id


def record_lineage(work: Work) -> None:
    """Record the parents of a work that is published, so that its page finds them with one query.

    A clip that continues, varies or has effects of a remix, and a film that shows one, become remixes themselves.
    """
    source, child = work.source, get_child_id(work)
    direct = set(Remix.objects.filter(child=child).values_list("parent_code", flat=True))
    kinds = {Work.Kind.CLIP: "clip", Work.Kind.FILM: "story", Work.Kind.TEMPLATE: "template"}
    rows = [row for row in find_parents(source) if row.parent_code not in direct | {work.code}]
    copy_parents(rows, workspace=work.workspace, child_kind=kinds[Work.Kind(work.kind)], child=child)


def _load_generations(work: Work) -> dict[str, list[Remix]]:
    """Return code of a work → the rows by which it was made from others, for the work and those above it."""
    found: dict[str, list[Remix]] = {}
    level = {work.code: get_child_id(work)}
    for _generation in range(MAX_GENERATIONS):
        codes = {child: code for code, child in level.items() if child}
        rows = Remix.objects.filter(child__in=codes).select_related("parent__film") if codes else ()
        found |= {code: [] for code in level}
        upper = {}
        for row in rows:
            found[codes[row.child]].append(row)
            if row.parent:
                upper[row.parent_code] = get_child_id(row.parent)
        level = {code: child for code, child in upper.items() if code not in found}
        if not level:
            break
    return found


def _credit_parent(row: Remix, generations: dict, shown: dict[str, Work], seen: set) -> Credit:
    """Return the credit of a parent with its own parents below it, as far as they are known."""
    work = shown.get(row.parent_code)
    credit = credit_work(work) if work else credit_remix(row)
    credit.how, credit.licence = row.get_how_display(), get_licence_label(row.parent_licence)
    if row.parent_code not in seen:
        upper = generations.get(row.parent_code, ())
        credit.below = [_credit_parent(one, generations, shown, {*seen, row.parent_code}) for one in upper]
    return credit


def credit_work(work: Work) -> Credit:
    profile = getattr(work.workspace, "profile", None)
    return Credit(
        title=work.title,
        author=get_author_name(work),
        licence=get_licence_label(work.licence),
        url=work.get_absolute_url(),
        author_url=profile.get_absolute_url() if profile else "",
    )


def credit_remix(row: Remix) -> Credit:
    """Return the credit of a work that the viewer may not see: its author and licence when it was remixed."""
    return Credit(
        title=row.credited_title,
        author=row.parent_author or _("somebody who left"),
        licence=get_licence_label(row.parent_licence),
        how=row.get_how_display(),
    )


def get_licence_label(value: str) -> str:
    return str(Work.Licence(value).label)


def list_credits(source) -> list[str]:
    """Return “Title” by author, licence, of each work that the source was made from, for the dialog and the credits."""
    values = [credit_remix(row) for row in find_parents(source)]
    return [_("“%(title)s” by %(author)s (%(licence)s)") % vars(credit) for credit in values]
