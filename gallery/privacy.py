"""Export and erase what the gallery keeps about a user: works, profile, likes, comments, playlists, reports."""

from django.db.models import F, Q

from accounts.models import Workspace
from accounts.privacy import ignore_progress
from gallery.models import (
    Appeal,
    Block,
    Case,
    Comment,
    Decision,
    Follow,
    Like,
    Playlist,
    Profile,
    Remix,
    Report,
    StoryTemplate,
    ViewerSettings,
    Work,
)
from gallery.reactions.comments import set_comment_state
from gallery.reactions.likes import remove_like
from gallery.reactions.playlists import delete_playlist

WORK_FIELDS = (
    "code", "kind", "visibility", "state", "title", "description", "language", "rating", "licence", "shows_prompt",
    "allows_remix", "allows_comments", "allows_download", "allows_embed", "prompt", "credits", "revision", "created_at",
    "published_at", "like_count", "save_count", "comment_count", "remix_count", "play_count",
)  # fmt: skip
PROFILE_FIELDS = ("handle", "bio", "links", "defaults", "follower_count", "created_at")


def collect(user) -> dict:
    """Return the gallery's data of the user and their own workspaces, without the secret links of works."""
    own = Q(workspace__home_of=user)
    return {
        "profile": list(Profile.objects.filter(own).values(*PROFILE_FIELDS)),
        "works": list(Work.objects.filter(own).values(*WORK_FIELDS)),
        "tags": list(Work.objects.filter(own, work_tags__isnull=False).values("code", "work_tags__tag__name")),
        "story_templates": list(StoryTemplate.objects.filter(own).values("title", "body", "created_at")),
        "remixes": list(Remix.objects.filter(own).values("parent_code", "parent_title", "how", "child", "created_at")),
        "likes": list(Like.objects.filter(user=user).values("work__code", "created_at")),
        "comments": list(user.work_comments.values("work__code", "text", "frame", "state", "created_at")),
        "playlists": list(
            Playlist.objects.filter(own).values("title", "description", "visibility", "works__code", "created_at")
        ),
        "follows": list(Follow.objects.filter(user=user).values("profile__handle", "created_at")),
        "blocks": list(Block.objects.filter(user=user).values("profile__handle", "kind", "created_at")),
        "viewer_settings": list(ViewerSettings.objects.filter(user=user).values("mature")),
        "reports": list(Report.objects.filter(user=user).values("reason", "text", "created_at")),
        "decisions": list(
            Decision.objects.filter(profile__workspace__home_of=user).values("act", "reason", "statement", "created_at")
        ),
        "appeals": list(Appeal.objects.filter(by=user).values("text", "state", "answer", "created_at")),
    }


def erase(user, on_progress=ignore_progress) -> None:
    """Delete the user's works and profile, and what they did at the works of others, with its share of the counters.

    Remixes of others keep the credit of a work by somebody who left, and comments stay as removed ones without a text,
    so that their answers remain readable.
    """
    for like in Like.objects.filter(user=user).select_related("work"):
        remove_like(like)
        on_progress()
    for comment in Comment.objects.filter(user=user).select_related("work"):
        set_comment_state(comment, Comment.State.REMOVED)
        Comment.objects.filter(pk=comment.pk).update(text="", user=None)
        Case.objects.filter(comment=comment).update(target_label="")
        on_progress()
    for follow in Follow.objects.filter(user=user):
        Profile.objects.filter(pk=follow.profile_id).update(follower_count=F("follower_count") - 1)
        follow.delete()
    Block.objects.filter(user=user).delete()
    ViewerSettings.objects.filter(user=user).delete()
    Report.objects.filter(user=user).update(user=None, email="", text="")
    Appeal.objects.filter(by=user).update(text="")
    for workspace in Workspace.objects.filter(home_of=user):
        empty_workspace(workspace, on_progress)


def empty_workspace(workspace, on_progress=ignore_progress) -> None:
    """Delete works, templates, playlists and the profile of a workspace. May be called again after a crash."""
    for playlist in Playlist.objects.filter(workspace=workspace):
        delete_playlist(playlist)
        on_progress()
    for work in Work.objects.filter(workspace=workspace):
        Remix.objects.filter(parent=work).update(parent_title="", parent_author="")
        Case.objects.filter(Q(work=work) | Q(comment__work=work)).update(target_label="")
        work.delete()
        on_progress()
    Case.objects.filter(profile__workspace=workspace).update(target_label="")
    for remix in Remix.objects.filter(workspace=workspace):
        Work.objects.filter(pk=remix.parent_id).update(remix_count=F("remix_count") - 1)
        remix.delete()
    StoryTemplate.objects.filter(workspace=workspace).delete()
    Profile.objects.filter(workspace=workspace).delete()
