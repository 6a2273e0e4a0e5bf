"""From which work somebody makes something: noted when the work is read, recorded when the clip or story exists."""

from dataclasses import asdict, dataclass

from django.core import signing
from django.db import transaction
from django.db.models import F

from gallery.models import Remix, RemixFrame, Work
from gallery.works.credits import get_author_name
from gallery.works.score import update_score

SALT = "gallery.remix.origin"
MAX_TOKEN = 200
AUTHOR_LENGTH = 60  # characters of a name in the credit


@dataclass(frozen=True)
class Origin:
    """``licence`` and ``revision`` are copied when the work is read: later changes bind only new remixes."""

    code: str
    how: str
    licence: str
    revision: int = 1

    @classmethod
    def of_work(cls, work: Work, how: str) -> "Origin":
        return cls(work.code, str(how), work.licence, work.revision)

    @classmethod
    def of_frame(cls, frame: RemixFrame) -> "Origin":
        return cls(frame.work_code, frame.how, frame.licence, frame.revision)


def sign_origin(origin: Origin) -> str:
    """Return the origin as a token that a page sends along. It proves that its user was allowed to read the work."""
    return signing.Signer(salt=SALT).sign_object(asdict(origin))


def read_origin(token: str) -> Origin | None:
    """Return the origin of a token; None for an empty or edited one."""
    try:
        return Origin(**signing.Signer(salt=SALT).unsign_object(token[: 2 * MAX_TOKEN])) if token else None
    except (signing.BadSignature, TypeError, ValueError):
        return None


@transaction.atomic
def record_remix(origin: Origin, *, workspace, child_kind: str, child) -> Remix:
    """Record that the row with the id ``child`` was made from a work, once. The work's counter grows with the row."""
    rows = Work.objects.select_related("workspace__home_of", "workspace__profile")
    work = rows.filter(code=origin.code).first()
    credit = {"parent_title": work.title, "parent_author": get_author_name(work)[:AUTHOR_LENGTH]} if work else {}
    remix, is_new = Remix.objects.get_or_create(
        child=child,
        parent_code=origin.code,
        how=origin.how,
        defaults={
            "parent": work,
            "parent_licence": origin.licence,
            "parent_revision": origin.revision,
            "workspace": workspace,
            "child_kind": child_kind,
            **credit,
        },
    )
    if is_new and work:
        update_score(work, remix_count=F("remix_count") + 1)
    return remix


def record_clips(clips, spec, token: str) -> None:
    """Record the works that new clips start from: that of the token which the form sent, and those of their pictures.

    The hook ``clips_created`` of generation, inside the transaction that creates the clips.
    """
    origins = [origin] if (origin := read_origin(token)) else []
    pictures = [row.pk for row in (spec.picture, spec.last_picture, *spec.references) if row]
    if pictures:
        frames = RemixFrame.objects.filter(picture__in=pictures, workspace=clips[0].workspace_id)
        origins += [Origin.of_frame(frame) for frame in frames.order_by("created_at")]
    for origin in {(one.code, one.how): one for one in origins}.values():
        for clip in clips:
            record_remix(origin, workspace=clip.workspace, child_kind=Remix.ChildKind.CLIP, child=clip.pk)


@transaction.atomic
def copy_parents(parents, *, workspace, child_kind: str, child) -> None:
    """Give the row with the id ``child`` the parents of what it was copied from, with the licences they had then."""
    for parent in parents:
        origin = Origin(parent.parent_code, parent.how, parent.parent_licence, parent.parent_revision)
        record_remix(origin, workspace=workspace, child_kind=child_kind, child=child)
