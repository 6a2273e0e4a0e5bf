"""What the scenes of a run said when somebody said yes to it: nobody else's words are bought on their own account."""

from accounts.models import Membership
from accounts.permissions import EDIT, HELD_BY
from studio.drawing import consent_terms
from studio.fields import PICTURES
from studio.models import Character, Run, Scene, SceneCharacter, SceneEdit, Shot, Story
from studio.scenes.mentions import named_in

SENT = frozenset(
    (
        "prompt", "negative_prompt", "place_name", "time", "camera", "speaker", "line", "style", "seconds", "seed",
        "cast", "follows", *PICTURES,
    )
)  # fmt: skip
THROWN = -1


def said(story: Story, scenes: list[Scene]) -> dict:
    """For the run's job to remember: which version of each scene, of who appears, of who else might and of the whole
    story it was."""
    known = {str(pk): rev for pk, rev in Character.objects.of(story).shown().values_list("pk", "rev")}
    whole = {"style": story.style, "ratio": story.ratio, "known": known}
    return whole | {"revs": {str(each.pk): each.rev for each in scenes}, "cast": _cast(scenes)}


def _cast(scenes: list[Scene]) -> dict:
    """Version by the id of who appears, as the scenes were read with them; one in the bin is not drawn, which is a
    version as well."""
    parts = SceneCharacter.objects.filter(scene__in=scenes).values_list("character", flat=True)
    thrown = {str(pk): THROWN for pk in parts}
    return thrown | {str(each.pk): each.rev for scene in scenes for each in scene.characters.all()}


def is_rewritten(run: Run, shot: Shot, scene: Scene) -> bool:
    """Whether it says something else by now that whoever began the run did not write, though they alone pay for it.

    The history of a scene tells who wrote what, up to the version of it that was read. That of the story's style and
    of how somebody looks does not: it was somebody else where anybody else may write here. Of a run begun before this
    was remembered nothing is known.
    """
    then, account = run.job.params.get("said"), consent_terms.account_of(run, shot)
    if not (then and account and account.owner_id):
        return False
    since = SceneEdit.objects.filter(scene=scene, rev__gt=then["revs"][str(scene.pk)], rev__lte=scene.rev)
    wrote = _last_words(since.order_by("pk"))
    if any(by != account.owner_id and first != last for first, last, by in wrote.values()):
        return True
    own = {name: last for name, (_first, last, by) in wrote.items() if by == account.owner_id}
    return _is_other_around(then, scene, _let_in(then, scene, own, account)) and _others_write(run, account)


def _last_words(edits) -> dict:
    """name of a field → what it said at first, what it says now, and who wrote that."""
    wrote: dict = {}
    for edit in edits:
        for name in SENT & edit.after.keys():
            first = wrote[name][0] if name in wrote else edit.before.get(name)
            wrote[name] = (first, edit.after[name], edit.by_id)
    return wrote


def _let_in(then: dict, scene: Scene, own: dict, account) -> set[str]:
    """Who appears because whoever pays wrote so (``own``), and looks as nobody else can have made them look meanwhile:
    as when the run began, or as they themselves first described them. Versions are compared: clocks can be raced."""
    people, known = list(scene.characters.all()), then.get("known", {})
    named = named_in(own["prompt"], [each.name for each in people]) if "prompt" in own else set()
    wanted = [each for each in people if each.name in named or str(each.pk) in own.get("cast", ())]
    first = {each for each in wanted if each.rev == 1 and each.created_by_id == account.owner_id}
    return {str(each.pk) for each in wanted if each in first or each.rev == known.get(str(each.pk))}


def _is_other_around(then: dict, scene: Scene, let_in: set[str]) -> bool:
    """Whether the story's look or who appears is another now, but for whom whoever pays let in since."""
    is_other = scene.story.ratio != then["ratio"] or (not scene.style and scene.story.style != then["style"])
    now = _cast([scene])
    came = now.keys() - then["cast"].keys()
    return is_other or not came <= let_in or any(now[pk] != then["cast"][pk] for pk in now.keys() - came)


def _others_write(run: Run, account) -> bool:
    roles = [role for role, held in HELD_BY.items() if EDIT in held]
    rows = Membership.objects.filter(workspace=run.story.workspace, role__in=roles)
    return rows.exclude(user=account.owner_id).exists()
