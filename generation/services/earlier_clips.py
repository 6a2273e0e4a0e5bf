"""Find a clip that an identical request made before, so that the user can decide to use it."""

from generation.clip_spec import ClipSpec
from generation.models import EFFECTS, Clip
from generation.providers.registry import provider
from jobs.models import Job


def find_earlier_clip(spec: ClipSpec, workspace) -> Clip | None:
    """Return the newest ready clip of the workspace that was made by the same request, or None.

    A chosen seed must be the same. What this studio draws depends on the seed alone, so that a request with a random
    one is never the same.
    """
    if spec.provider == EFFECTS or (spec.seed is None and provider(spec.provider).is_local):
        return None
    rows = Clip.objects.shown().filter(workspace=workspace, request_digest=spec.digest())
    rows = rows.filter(ready_at__isnull=False, files_missing_at=None)
    rows = rows if spec.seed is None else rows.filter(seed=spec.seed)
    return rows.order_by("-ready_at").first()


def was_submitted(workspace, idem_key: str) -> bool:
    """Return whether the form was sent before, so that it only gets its own clips once more."""
    return Job.objects.filter(workspace=workspace, idem_key=f"{idem_key}.1").exists()
