"""Export, erase and transfer the clips, pictures and videos of a user or guest."""

from django.db.models import Q

from accounts.privacy import ignore_progress
from common.database.counting import sum_bytes_by_owner
from common.search import index as search
from generation.media.storage import delete
from generation.models import (
    Clip,
    Collection,
    Favourite,
    Picture,
    PromptRewrite,
    PromptStar,
    PromptTemplate,
    SavedSearch,
    StyleWords,
    Video,
)
from generation.providers.models import Connection, Workflow
from generation.services.video_uploads import delete_video
from generation.worker.files import remove_files
from jobs.models import Attempt, Job, State

CLIP_FACTS = (
    "id",
    "workspace_id",
    "title",
    "prompt",
    "negative_prompt",
    "provider",
    "model",
    "style",
    "ratio",
    "resolution",
    "seconds",
    "seed",
    "take",
    "source_provider",
    "options",
    "created_at",
    "ready_at",
    "deleted_at",
)
CONNECTION_FACTS = (
    "id",
    "provider",
    "label",
    "base_url",
    "facts",
    "default_model",
    "default_style",
    "health",
    "checked_at",
    "created_at",
    "deleted_at",
)

PROMPT_FACTS = ("id", "workspace_id", "kind", "title", "text", "category", "created_at")
VIDEO_FACTS = ("id", "name", "key", "seconds", "width", "height", "bytes", "created_at")


def collect(user) -> dict:
    """Return the clips with their prompts, pictures, videos and workflows of the user's own workspaces, their
    favourites, searches and collections, and their connections without keys."""
    clips = Clip.objects.filter(workspace__home_of=user)
    pictures = Picture.objects.filter(workspace__home_of=user)
    return {
        "clips": list(clips.values(*CLIP_FACTS)),
        "files": list(clips.values("id", "files__kind", "files__key", "files__sha256", "files__bytes")),
        "pictures": list(pictures.values("id", "key", "width", "height", "bytes", "created_at")),
        "videos": list(Video.objects.filter(workspace__home_of=user).values(*VIDEO_FACTS)),
        "workflows": list(
            Workflow.objects.filter(workspace__home_of=user).values("id", "title", "graph", "created_at", "deleted_at")
        ),
        "prompt_templates": list(
            PromptTemplate.objects.filter(Q(owner=user) | Q(workspace__home_of=user)).values(*PROMPT_FACTS)
        ),
        "style_words": list(
            StyleWords.objects.filter(workspace__home_of=user).values("workspace_id", "style", "words", "changed_at")
        ),
        "prompt_rewrites": list(PromptRewrite.objects.filter(created_by=user).values("text", "result", "created_at")),
        "starred_prompts": list(PromptStar.objects.filter(user=user).exclude(text="").values("text", "created_at")),
        "favourites": list(Favourite.objects.filter(user=user).values("clip_id", "created_at")),
        "collections": list(
            Collection.objects.filter(workspace__home_of=user).values("id", "name", "clips", "created_at")
        ),
        "saved_searches": list(SavedSearch.objects.filter(user=user).values("name", "query", "created_at")),
        "connections": list(Connection.objects.filter(owner=user).values(*CONNECTION_FACTS)),
    }


def erase(user, on_progress=ignore_progress) -> None:
    """Empty the user's own workspaces, and delete what else only this user had: prompt templates, stars, rewrites,
    favourites and saved searches. The user's clips in other workspaces stay, without the user's name (SET_NULL)."""
    PromptTemplate.objects.filter(owner=user).delete()
    PromptStar.objects.filter(user=user).delete()
    PromptRewrite.objects.filter(created_by=user).delete()
    Favourite.objects.filter(user=user).delete()
    SavedSearch.objects.filter(user=user).delete()
    for workspace in user.workspaces.filter(home_of=user):
        delete_workspace_work(workspace, on_progress)


def delete_workspace_work(workspace, on_progress=ignore_progress):
    """Delete all clips, pictures and videos of a workspace. May be repeated after a failure."""
    for clip in Clip.objects.filter(workspace=workspace):
        remove_files(clip)
        clip.delete()
        on_progress()
    for picture in Picture.objects.filter(workspace=workspace):
        delete(picture.key)
        picture.delete()
        on_progress()
    for video in Video.objects.filter(workspace=workspace):
        delete_video(video)
        on_progress()
    PromptTemplate.objects.filter(workspace=workspace).delete()
    StyleWords.objects.filter(workspace=workspace).delete()
    search.forget_scope(workspace.pk)


def transfer_guest_work(guest, workspace, user):
    """Move a guest's clips and pictures to the workspace of the account they signed up for."""
    Clip.objects.filter(workspace=guest).update(workspace=workspace, created_by=user)
    Picture.objects.filter(workspace=guest).update(workspace=workspace, created_by=user)
    search.forget_scope(guest.pk)


def find_jobs_paid_by(user):
    """Return the running jobs that were submitted through the user's own connections, also for other users: they may
    be paid, and must not be lost."""
    connections = Connection.objects.filter(owner=user).values("pk")
    live = Attempt.objects.filter(connection_id__in=connections, outcome__in=Attempt.LIVE).values("job_id")
    return Job.objects.active().exclude(state=State.STUCK).filter(pk__in=live)


def measure_storage(users) -> dict:
    """Return user id → ``{"bytes": …}`` of the clips and videos in the users' own workspaces, for operators."""
    sources = ((Clip.objects, "workspace__home_of"), (Video.objects, "workspace__home_of"))
    return {user: {"bytes": count} for user, count in sum_bytes_by_owner(sources, users).items()}
