"""What an operator sees beside a case: the film, its frames, its words, where it came from, what was decided before."""

from dataclasses import dataclass, field

from django.db.models import Count, Q

from gallery.models import Case, Decision, Profile, Remix, Report, Work
from gallery.moderation import targets
from gallery.moderation.decisions import has_effect
from generation.media import storage
from generation.models import ClipFile

LINK_SECONDS = 3600
SHOWN_WORKS = 8
SHOWN_REPORTS = 50
CLIP_FRAMES, FILM_FRAMES = 10, 12
KEPT_FILES = (ClipFile.Kind.ORIGINAL, ClipFile.Kind.MEZZANINE)


@dataclass(frozen=True)
class Evidence:
    """Signed links to the files of a work, and its words.

    ``strip``: a row of CLIP_FRAMES small frames of a clip. ``stills``: one frame of each scene of a film, at most 12.
    """

    film: str = ""
    poster: str = ""
    strip: str = ""
    stills: list[str] = field(default_factory=list)
    prompt: str = ""
    lines: list[str] = field(default_factory=list)

    @property
    def frames(self) -> list[str]:
        """Return the picture of each frame of the sheet: for a clip the strip, of which CSS shows one frame each."""
        return self.stills or [self.strip] * CLIP_FRAMES if self.strip or self.stills else []


def collect(work: Work) -> Evidence:
    """Return the evidence of a published work.

    What its author withdrew or moved to the trash is private again, also for operators.
    """
    if not _list_published().filter(pk=work.pk).exists():
        return Evidence()
    if work.kind == Work.Kind.CLIP:
        return _collect_clip(work.clip)
    if work.kind == Work.Kind.FILM:
        return _collect_film(work.film)
    scenes = work.template.body.get("scenes", ())
    return Evidence(lines=[str(scene.get("text", "")) for scene in scenes if isinstance(scene, dict)])


def _collect_clip(clip) -> Evidence:
    keys = dict(clip.files.values_list("kind", "key"))
    links = {kind: storage.create_link(key, seconds=LINK_SECONDS) for kind, key in keys.items()}
    return Evidence(
        film=links.get(ClipFile.Kind.MEZZANINE, ""),
        poster=links.get(ClipFile.Kind.POSTER_LARGE, ""),
        strip=links.get(ClipFile.Kind.SPRITE, ""),
        prompt=clip.prompt,
    )


def _collect_film(film) -> Evidence:
    def link(key: str) -> str:
        return storage.create_link(key, seconds=LINK_SECONDS)

    return Evidence(
        film=link(film.key),
        poster=link(film.poster_key),
        stills=[link(film.get_still_key(number)) for number in _choose_evenly(len(film.chapters))],
        lines=[
            " ".join(filter(None, [chapter.get("title", ""), chapter.get("line", "")])) for chapter in film.chapters
        ],
    )


def _choose_evenly(count: int) -> list[int]:
    """Return at most FILM_FRAMES of the numbers below ``count``, spread evenly."""
    chosen = min(count, FILM_FRAMES)
    return [number * count // chosen for number in range(chosen)]


def attach_posters(works: list[Work]) -> list[Work]:
    """Set ``poster_url`` of each work to a signed link, or "", in two queries. Private works have none."""
    published = set(_list_published().filter(pk__in=[work.pk for work in works]).values_list("pk", flat=True))
    clips = [work.clip_id for work in works if work.clip_id]
    keys = dict(ClipFile.objects.filter(clip__in=clips, kind=ClipFile.Kind.POSTER_LARGE).values_list("clip", "key"))
    for work in works:
        key = work.film.poster_key if work.film_id else keys.get(work.clip_id)
        work.poster_url = storage.create_link(key) if key and work.pk in published else ""
    return works


def find_same_files(work: Work) -> list[Work]:
    """Return other works made of the same file, byte for byte."""
    works = _list_published().exclude(pk=work.pk)
    if work.kind == Work.Kind.FILM and work.film and work.film.sha256:
        return list(works.filter(film__sha256=work.film.sha256)[:SHOWN_WORKS])
    if work.kind == Work.Kind.CLIP and work.clip_id:
        digests = ClipFile.objects.filter(clip=work.clip_id, kind__in=KEPT_FILES).values_list("sha256", flat=True)
        same = ClipFile.objects.filter(kind__in=KEPT_FILES, sha256__in=list(digests)).values("clip")
        return list(works.filter(clip__in=same)[:SHOWN_WORKS])
    return []


def find_other_works(profile: Profile, target: targets.Target | None) -> list[Work]:
    works = _list_published().filter(workspace=profile.workspace_id)
    if isinstance(target, Work):
        works = works.exclude(pk=target.pk)
    return list(works[:SHOWN_WORKS])


def _list_published():
    works = Work.objects.available().exclude(visibility=Work.Visibility.PRIVATE)
    works = works.select_related("film", "workspace__profile")
    return works.order_by("-published_at")


def find_parents(work: Work) -> list[Remix]:
    """Return what the work was made from."""
    child = work.clip_id or (work.film and work.film.story_id)
    return list(Remix.objects.filter(child=child).select_related("parent")) if child else []


def find_remixes(work: Work) -> list[Work]:
    """Return published works that were made from this one. They stay whatever is decided."""
    children = Remix.objects.filter(parent=work).values("child")
    return list(_list_published().filter(Q(clip__in=children) | Q(film__story__in=children))[:SHOWN_WORKS])


def find_history(case: Case, profile: Profile | None) -> list[Decision]:
    """Return the decisions about the target and about its author, the newest first, with ``can_undo`` set."""
    target = targets.get_target(case)
    about = Q(case=case)
    if target:
        about |= Q(**{f"case__{case.target_kind}": target})
    if profile:
        about |= Q(profile=profile)
    rows = Decision.objects.filter(about).select_related("case", "by", "appeal__by", "appeal__answered_by")
    found = list(rows.order_by("-pk")[:SHOWN_REPORTS])
    restored = {(row.case_id, row.pk) for row in found if row.act == Decision.Act.RESTORE}
    for row in found:
        was_undone = any(case == row.case_id and pk > row.pk for case, pk in restored)
        row.can_undo = has_effect(row) and not was_undone
    return found


@dataclass(frozen=True)
class ReasonCount:
    code: str
    label: str
    count: int


def count_reasons(cases: list[Case]) -> dict:
    """Return the reasons of each case, the most frequent first, by the case's id, in one query."""
    rows = Report.objects.filter(case__in=cases).values("case", "reason").annotate(count=Count("pk"))
    found: dict = {case.pk: [] for case in cases}
    for row in rows.order_by("-count", "reason"):
        reason = Report.Reason(row["reason"])
        found[row["case"]].append(ReasonCount(reason.value, reason.label, row["count"]))
    return found
