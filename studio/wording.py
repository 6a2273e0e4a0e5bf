"""What the scenes of a run said when somebody said yes to it: nobody else's words are bought on their own account."""

from accounts.models import Membership
from accounts.permissions import EDIT, HELD_BY
from studio import terms
from studio.fields import PICTURES
from studio.models import Run, Scene, SceneCharacter, SceneEdit, Shot, Story

SENT = frozenset(
    (
        "prompt", "negative_prompt", "place_name", "time", "camera", "speaker", "line", "style", "seconds", "seed",
        "cast", *PICTURES,
    )
)  # fmt: skip
CASTING = frozenset({"cast", "prompt"})  # who is named in the words appears


def said(story: Story, scenes: list[Scene]) -> dict:
    """For the run's job to remember: which version of each scene, of who appears and of the whole story it was."""
    whole = {"style": story.style, "ratio": story.ratio}
    return whole | {"revs": {str(each.pk): each.rev for each in scenes}, "cast": _cast(scenes)}


def _cast(scenes: list[Scene]) -> dict:
    """Version by the id of who appears; one in the bin is not drawn, which is a version as well."""
    rows = SceneCharacter.objects.filter(scene__in=scenes)
    rows = rows.values_list("character", "character__rev", "character__deleted_at")
    return {str(pk): -1 if deleted else rev for pk, rev, deleted in rows}


def is_rewritten(run: Run, shot: Shot, scene: Scene) -> bool:
    """Whether it says something else by now that whoever began the run did not write, though they alone pay for it.

    The history of a scene tells who wrote what. That of the story's style and of how somebody looks does not: it was
    somebody else where anybody else may write here. Of a run begun before this was remembered nothing is known.
    """
    then, account = run.job.params.get("said"), terms.account_of(run, shot)
    if not (then and account and account.owner_id):
        return False
    edits = SceneEdit.objects.filter(scene=scene, rev__gt=then["revs"][str(scene.pk)]).order_by("pk")
    wrote = _last_words(edits)
    if any(by != account.owner_id and first != last for first, last, by in wrote.values()):
        return True
    return _is_other_around(then, scene, is_cast_anew=bool(CASTING & wrote.keys())) and _others_write(run, account)


def _last_words(edits) -> dict:
    """name of a field → what it said at first, what it says now, and who wrote that."""
    wrote: dict = {}
    for edit in edits:
        for name in SENT & edit.after.keys():
            first = wrote[name][0] if name in wrote else edit.before.get(name)
            wrote[name] = (first, edit.after[name], edit.by_id)
    return wrote


def _is_other_around(then: dict, scene: Scene, *, is_cast_anew: bool) -> bool:
    """Whether the story's look or who appears is another now. Who came in without an edit of the scene was named."""
    is_other = scene.story.ratio != then["ratio"] or (not scene.style and scene.story.style != then["style"])
    now = _cast([scene])
    came = now.keys() - then["cast"].keys()
    return is_other or (bool(came) and not is_cast_anew) or any(now[pk] != then["cast"][pk] for pk in now.keys() - came)


def _others_write(run: Run, account) -> bool:
    roles = [role for role, held in HELD_BY.items() if EDIT in held]
    rows = Membership.objects.filter(workspace=run.story.workspace, role__in=roles)
    return rows.exclude(user=account.owner_id).exists()
