"""What can be reported: works, comments and profiles, and who is responsible for them."""

from accounts.models import Workspace
from gallery.models import Case, Comment, Decision, Profile, Work, get_public_name
from gallery.people.services import ensure_profile
from gallery.reactions.comments import set_comment_state

Target = Work | Comment | Profile
Act = Decision.Act
ACTS = {
    Case.TargetKind.WORK: (Act.KEEP, Act.LABEL, Act.HIDE, Act.REMOVE, Act.WARN, Act.BAN),
    Case.TargetKind.COMMENT: (Act.KEEP, Act.HIDE, Act.REMOVE, Act.WARN, Act.BAN),
    Case.TargetKind.PROFILE: (Act.KEEP, Act.WARN, Act.BAN),
}


def get_target(case: Case) -> Target | None:
    """Return what the case is about; None if it was deleted."""
    return getattr(case, case.target_kind)


def get_kind(target: Target) -> Case.TargetKind:
    return Case.TargetKind(target._meta.model_name)


def get_workspace(target: Target | None) -> Workspace | None:
    """Return the workspace of whoever published the work, wrote the comment or has the profile; None if erased."""
    if isinstance(target, Comment):
        return Workspace.objects.filter(home_of=target.user_id).first() if target.user_id else None
    return target.workspace if target else None


def get_profile(target: Target | None) -> Profile | None:
    workspace = get_workspace(target)
    return Profile.objects.filter(workspace=workspace).first() if workspace else None


def get_or_create_profile(target: Target | None) -> Profile | None:
    """Return the profile that strikes and bans are kept with. Somebody who only wrote comments may have none yet."""
    workspace = get_workspace(target)
    if workspace is None or workspace.home_of is None:
        return get_profile(target)
    return ensure_profile(workspace, by=workspace.home_of)


def describe_target(target: Target) -> str:
    """Return what operators read about the target in a list."""
    if isinstance(target, Comment):
        return target.text[:200]
    if isinstance(target, Profile):
        owner = target.workspace.home_of
        return f"{get_public_name(owner, target)} {target}" if owner else str(target)
    return target.title


def show(target: Target | None) -> None:
    """Show what waits or is hidden. A comment that was removed stays removed."""
    _move(target, {"waiting", "hidden"}, "shown")


def hide(target: Target | None) -> None:
    _move(target, {"waiting", "shown"}, "hidden")


def remove(target: Target | None) -> None:
    _move(target, {"waiting", "shown", "hidden"}, "removed")


def restore(target: Target | None) -> None:
    """Show what an operator hid or removed."""
    _move(target, {"hidden", "removed"}, "shown")


def _move(target: Target | None, before: set[str], after: str) -> None:
    """Set the state of a work or comment if it is one of ``before``."""
    if not isinstance(target, Work | Comment):
        return
    target.refresh_from_db(fields=["state"])
    if target.state not in before:
        return
    if isinstance(target, Comment):
        if target.user_id or after != Comment.State.SHOWN:  # the text went with the account of whoever wrote it
            set_comment_state(target, after)
        return
    target.state = after
    target.save(update_fields=["state"])
