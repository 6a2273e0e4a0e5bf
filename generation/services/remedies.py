"""What a user can do about a clip that waits for them, or whose request a provider refused."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.permissions import MANAGE, workspace_ids_with
from generation.models import Clip
from generation.providers.errors import Fault
from generation.providers.registry import clip_providers
from jobs.registry import Link


def find_remedies(jobs: list, by) -> dict[object, list[Link]]:
    """Return job id → links for the user ``by``, of those jobs that need a remedy."""
    wanted = [job for job in jobs if job.is_blocked or needs_edit(job)]
    if not wanted:
        return {}
    managed = workspace_ids_with(by, MANAGE) if by and by.is_authenticated else ()
    clips = {clip.job_id: clip for clip in Clip.objects.filter(job__in=wanted).select_related("connection")}
    return {job.pk: _list_links(job, clips[job.pk], by, managed) for job in wanted if job.pk in clips}


def needs_edit(job) -> bool:
    """Return whether the provider refused the request, so that the same request would be refused again."""
    return job.is_retryable and job.error_code == Fault.MODERATION


def _list_links(job, clip: Clip, by, managed) -> list[Link]:
    create = f"{reverse('generation:create')}?from={clip.pk}"
    if not job.is_blocked:
        return [] if clip.has_effects else [Link(create, _("Edit the prompt"), "pencil")]
    links, connection, engine = [], clip.connection, clip_providers().get(clip.provider)
    is_own = bool(connection and by and connection.owner_id and connection.owner_id == by.pk)
    if connection and (is_own or connection.workspace_id in managed):
        if job.needs_credit and engine and engine.doc_url:
            names = {"provider": engine.label}
            links.append(Link(engine.doc_url, _("Open %(provider)s") % names, "external-link", is_external=True))
        links.append(Link(reverse("generation:connection", args=[connection.pk]), _("Check the connection"), "plug"))
    return [*links, Link(f"{create}#composer-providers", _("Use another provider"), "shuffle")]
