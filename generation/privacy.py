"""What clips and pictures say about a person: to hand over, and to erase."""

from accounts.guest_transfer import ignore_progress
from generation import job_kinds
from generation.models import Clip, Picture, Video
from generation.providers.models import Connection, Workflow

CLIP_FACTS = (
    "id", "workspace_id", "title", "prompt", "negative_prompt", "provider", "model", "style", "ratio", "resolution",
    "seconds", "seed", "take", "drawn_by", "options", "created_at", "ready_at", "deleted_at",
)  # fmt: skip
CONNECTION_FACTS = (
    "id", "provider", "label", "base_url", "facts", "default_model", "default_style", "health", "checked_at",
    "created_at", "deleted_at",
)  # fmt: skip

VIDEO_FACTS = ("id", "name", "key", "seconds", "width", "height", "bytes", "created_at")


def collect(user) -> dict:
    """Clips with the words that asked for them, and pictures, of every workspace the person works in alone; their
    accounts at providers without any key."""
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
        "connections": list(Connection.objects.filter(owner=user).values(*CONNECTION_FACTS)),
    }


def erase(user, on_progress=ignore_progress) -> None:
    """The person's own workspace is emptied; what they made for others stays without their name (SET_NULL)."""
    for workspace in user.workspaces.filter(home_of=user):
        job_kinds.empty(workspace, on_progress)
