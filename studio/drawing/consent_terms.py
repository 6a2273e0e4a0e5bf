"""What a yes to the draw sheet is about beside the price: who draws, through whose account, and, where nobody can say
the price, all that makes it a high or a low one there."""

from generation.composer.providers_for_user import accounts_for
from generation.providers.base import Mode
from generation.providers.models import Connection
from generation.providers.registry import providers
from studio.drawing.clip_request import request_of
from studio.models import Run, Scene, Shot, Take

WHO = ("provider", "model", "account")  # held to also where the price is known, which says the rest
ALONE, AFTER = "mode_alone", "mode_after"  # of a shot that starts by itself, and on the last frame of another
HAD = "had"  # finished takes that its scene had when the yes was given; none where all of them lay in the bin
NEWEST = "newest"  # final take that its scene had then, also unfinished or in the bin; 0 where it had none


def terms_of(scene: Scene, *, follows: bool) -> dict:
    """Of a final take as it would be asked for now, in what JSON can hold; whose account is for the caller to say."""
    alone, asked = request_of(scene, purpose=Take.Purpose.FINAL)
    after = Mode.FIRST_LAST if scene.last_frame_id else Mode.PICTURE
    who = {"provider": asked["provider"], "model": asked["model"], "account": ""}
    size = {"seconds": alone.seconds, "resolution": alone.resolution, "ratio": alone.ratio}
    return who | size | {"follows": follows, ALONE: str(alone.mode), AFTER: str(after)}


def account_for(by, workspace, slug: str, model: str) -> str:
    """The id of the account that such a shot would go through now; empty for engines of this machine."""
    engine = providers().get(slug)
    if engine is None or engine.is_local:
        return ""
    found = accounts_for(by, workspace, slug, model).first()
    return str(found.pk) if found else ""


def are_others_now(run: Run, shot: Shot, scene: Scene, *, follows: bool, continues: bool) -> bool:
    """Whether the shot would be something else by now than what the yes was about. ``continues``: it starts on the
    last frame of another. Of a run that was begun before this was written down, only the price is known."""
    if not shot.terms:
        return False
    now = terms_of(scene, follows=follows)
    moot = {"account", HAD, NEWEST, ALONE if continues else AFTER}
    if any(now[name] != told for name, told in shot.terms.items() if name not in moot):
        return True
    return account_of(run, shot) is None and bool(account_for(run.job.created_by, run.story.workspace, *_who(shot)))


def is_drawn_since(shot: Shot) -> bool:
    """Whether a final take of its scene plays by now that is an answer to the yes: somebody tried an older one again,
    brought a clip, or took one out of the bin where nothing played."""
    if HAD not in shot.terms:
        return False
    plays = Take.objects.filter(scene=shot.scene_id, purpose=Take.Purpose.FINAL, clip__ready_at__isnull=False).shown()
    return plays.exclude(pk__in=shot.terms[HAD]).exists()


def account_of(run: Run, shot: Shot) -> Connection | None:
    """The account that the yes was about, if it may still be used: also where another one is the nearest by now."""
    if not shot.terms.get("account"):
        return None
    usable = accounts_for(run.job.created_by, run.story.workspace, *_who(shot))
    return usable.filter(pk=shot.terms["account"]).first()


def _who(shot: Shot) -> tuple[str, str]:
    return shot.terms["provider"], shot.terms["model"]
