"""Publish works, change them, withdraw them, and renew their links. No file is copied and no job starts."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy

from accounts import audit
from accounts.access import may_operate
from gallery.access import DECIDE_CASES, needs_first_look
from gallery.models import StoryTemplate, Work
from gallery.works.credits import collect_credits
from gallery.works.lineage import record_lineage
from gallery.works.score import update_score
from gallery.works.tags import set_tags
from generation.models import Clip
from studio.models import Film

LONGEST_CHAIN = 10  # effects on effects
CHOICES = (
    "title",
    "description",
    "rating",
    "licence",
    "shows_prompt",
    "allows_remix",
    "allows_comments",
    "allows_download",
    "allows_embed",
)
SENTENCES = {
    "work.published": gettext_lazy("%(who)s published %(target)s"),
    "work.withdrawn": gettext_lazy("%(who)s withdrew %(target)s"),
    "work.link_renewed": gettext_lazy("%(who)s renewed the link of %(target)s"),
    "work.replaced": gettext_lazy("%(who)s replaced the file of %(target)s"),
}


@transaction.atomic
def publish_work(source, *, by, visibility: str, tags=(), **choices) -> Work:
    """Publish a clip, a film or a story template, or change how it is published. Returns the work.

    ``choices``: values of the fields CHOICES. The caller has checked that ``by`` may edit the workspace of the source,
    and that the source is ready. An unlisted work gets a share token the first time.
    """
    lock_source(source)
    work = lock_work(source) or _build_work(source, by)
    before, text, tags = work.visibility, _get_text(work), list(tags)
    _write_choices(work, visibility, choices)
    _copy_facts(work, source)
    is_text_new = text is not None and text != (work.title, work.description, work.prompt, set(tags))
    if is_text_new:
        work.text_changed_at = timezone.now()
    is_seen_anew = before != visibility or is_text_new
    if work.is_listed and is_seen_anew:
        work.state = _find_state(work, by)
    work.save()
    set_tags(work, tags)
    update_score(work)
    if visibility != Work.Visibility.PRIVATE:
        record_lineage(work)
    if before != visibility:
        verb = "work.withdrawn" if visibility == Work.Visibility.PRIVATE else "work.published"
        audit.record(by=by, verb=verb, target=work, workspace=work.workspace, visibility=visibility)
    return work


def _write_choices(work: Work, visibility: str, choices: dict) -> None:
    """Write what the author chose, and what follows from the visibility: a share token, the date of publication."""
    if work.is_rating_fixed:
        choices.pop("rating", None)
    for name, value in choices.items():
        if name not in CHOICES:
            raise TypeError(f"{name} is not for authors to choose")
        setattr(work, name, value)
    work.visibility = visibility
    if visibility == Work.Visibility.UNLISTED and not work.share_digest:
        work.renew_share_token()
    if visibility != Work.Visibility.PRIVATE and work.published_at is None:
        work.published_at = timezone.now()


def _get_text(work: Work) -> tuple | None:
    """Return the words of the work that readers see; None for one that was not published yet."""
    if work._state.adding:
        return None
    tags = set(work.work_tags.values_list("tag__name", flat=True))
    return work.title, work.description, work.prompt, tags


def _find_state(work: Work, by) -> Work.State:
    """Return whether a work is shown at once or waits for a first look; that of a moderator had its look."""
    waits = not may_operate(by, DECIDE_CASES) and needs_first_look(work.workspace, work)
    return Work.State.WAITING if waits else Work.State.SHOWN


def lock_source(source) -> None:
    """Lock the row of a clip, film or story template, so that two requests cannot publish it twice. Raises DoesNotExist
    if it was deleted meanwhile."""
    type(source).objects.select_for_update(of=("self",)).only("pk").get(pk=source.pk)


def lock_work(source) -> Work | None:
    """Return the work of a clip, film or story template, locked until the transaction ends; None if it has none."""
    return Work.objects.select_for_update(of=("self",)).filter(**{get_kind(source): source}).first()


def get_kind(source) -> str:
    """Return the kind of work, which is also the name of its field."""
    kinds = {Clip: Work.Kind.CLIP, Film: Work.Kind.FILM, StoryTemplate: Work.Kind.TEMPLATE}
    return kinds[type(source)].value


def get_workspace(source):
    return source.story.workspace if isinstance(source, Film) else source.workspace


def _build_work(source, by) -> Work:
    kind, workspace = get_kind(source), get_workspace(source)
    return Work(kind=kind, workspace=workspace, published_by=by, language=get_language() or "", **{kind: source})


def _copy_facts(work: Work, source) -> None:
    """Copy to the work what readers see of its source."""
    work.prompt = get_prompt(source) if work.shows_prompt else ""
    work.credits = collect_credits(source)
    if isinstance(source, StoryTemplate):
        work.style, work.ratio = source.body.get("style", ""), source.body.get("ratio", work.ratio)
        work.width, work.height = (source.cover.width, source.cover.height) if source.cover else (0, 0)
        return
    work.width, work.height, work.has_sound = source.width, source.height, source.has_sound
    work.seconds = source.seconds
    if isinstance(source, Film):
        work.style, work.ratio = source.story.style, source.story.ratio
    else:
        work.style, work.ratio, work.colour = source.style, source.ratio, source.colour


def get_prompt(source) -> str:
    """Return the prompt that the author may show: that of a clip, or the synopsis of a film's story."""
    if isinstance(source, Clip):
        return source.prompt
    return source.story.synopsis if isinstance(source, Film) else ""


@transaction.atomic
def replace_source(work: Work, source, *, by) -> Work:
    """Let the work show another clip or film, at the same address and with its counters. Its revision grows, so that
    caches of the old file do not matter. The caller has checked that ``source`` is in the list of candidates."""
    lock_source(source)
    work = Work.objects.select_for_update(of=("self",)).select_related("workspace").get(pk=work.pk)
    setattr(work, work.kind, source)
    work.revision, work.revised_at = work.revision + 1, timezone.now()
    _copy_facts(work, source)
    if work.is_listed:
        work.state = _find_state(work, by)
    work.save()
    audit.record(by=by, verb="work.replaced", target=work, workspace=work.workspace, revision=work.revision)
    return work


def find_replaceable(source) -> Work | None:
    """Return the work whose file the clip or film may replace: that of the clip below its effects, or of another
    version of the same film; None if there is none, or the clip or film is published itself."""
    works = Work.objects.filter(workspace=get_workspace(source))
    if works.filter(**{get_kind(source): source}).exists():
        return None
    if isinstance(source, Film):
        return works.filter(film__story=source.story_id).order_by("-published_at").first()
    if isinstance(source, Clip) and source.effects_source_id:
        below = [clip.pk for clip in list_sources(source)]
        return works.filter(clip__in=below).order_by("-published_at").first()
    return None


def list_sources(clip: Clip) -> list[Clip]:
    """Return the clips that the effects of the clip were applied to, the nearest first."""
    found: list[Clip] = []
    while clip.effects_source is not None and len(found) < LONGEST_CHAIN:
        clip = clip.effects_source
        found.append(clip)
    return found


@transaction.atomic
def withdraw_work(work: Work, *, by) -> None:
    """Make a work private again. Its page, files, cards and feeds are gone at once; caches follow within minutes."""
    work = Work.objects.select_for_update(of=("self",)).get(pk=work.pk)
    if work.visibility == Work.Visibility.PRIVATE:
        return
    work.visibility = Work.Visibility.PRIVATE
    work.save(update_fields=["visibility"])
    audit.record(by=by, verb="work.withdrawn", target=work, workspace=work.workspace)


@transaction.atomic
def renew_link(work: Work, *, by) -> Work:
    """Give an unlisted work a new link. The old one stops working."""
    work = Work.objects.select_for_update(of=("self",)).get(pk=work.pk)
    work.renew_share_token()
    work.save(update_fields=["share_digest", "share_secret"])
    audit.record(by=by, verb="work.link_renewed", target=work, workspace=work.workspace)
    return work


def find_kept_jobs(workspace, since) -> list:
    """Return the ids of the jobs of published clips that are finished since then."""
    works = Work.objects.filter(workspace=workspace, clip__ready_at__gte=since)
    rows = works.exclude(visibility=Work.Visibility.PRIVATE).values_list("clip__job_id", "clip__effects_source__job_id")
    return [job for pair in rows for job in pair if job]
