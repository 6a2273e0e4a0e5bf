"""Who may use which connection for a clip: checked when it is submitted, and when it is retried."""

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.billing.limits import allowed_providers, check_limit, limit_reached
from accounts.billing.refusals import OWN_KEY, PLAN, PriceUnknown
from accounts.models import Workspace
from accounts.permissions import EDIT, SPEND, can
from common.messages import build_message, join_messages
from generation.models import EFFECTS, Clip
from generation.offers.connections import find_usable_connections, is_workspace_model, no_connection_message
from generation.providers.base import Estimate
from generation.providers.models import Connection
from generation.providers.registry import clip_providers
from generation.worker.messages import no_charge_message
from jobs.lifecycle.lease import StepFailed
from jobs.services import JobRefused


def check_submission(clip: Clip, job) -> None:
    """Raise StepFailed if neither the user who requested the clip nor the one who retried it may still use its
    connection and edit the workspace, or if an uploaded workflow would run on a connection that is not the workspace's
    own.

    Guests' jobs have no user and are not checked. The jobs of an erased user have none either, and fail.
    """
    of_clip = (clip.provider, clip.model, clip.workspace)
    if is_workspace_model(*of_clip) and not clip.connection.belongs_to(clip.workspace):
        raise StepFailed("not_allowed", join_messages(no_connection_message(*of_clip), no_charge_message(job)))
    if clip.workspace.kind == Workspace.Kind.GUEST:
        return
    users = {user for user in (job.created_by, clip.created_by) if user}
    if not any(_may_use(clip.connection, user, clip.workspace) for user in users):
        message = build_message("requester_not_allowed")
        raise StepFailed("not_allowed", join_messages(message, no_charge_message(job)))


def _may_use(connection: Connection, user, workspace) -> bool:
    is_shared = connection.owner_id in (None, user.pk) and connection.workspace_id in (None, workspace.pk)
    permission = EDIT if connection.owner_id else SPEND
    return is_shared and user.is_active and can(user, permission, workspace)


def find_retry_connection(clip: Clip, by) -> Connection | None:
    """Return the connection for a retry: the same as before, or the nearest of the user who retries; None for a local
    provider. Raises JobRefused if there is none."""
    if clip_providers()[clip.provider].is_local:
        return None
    user = choose_retry_user(clip, by, may_edit=bool(by) and can(by, EDIT, clip.workspace))
    found = choose_nearest_connection(clip, list_retry_connections(clip, user))
    if found is None:
        raise JobRefused(no_connection_message(clip.provider, clip.model, clip.workspace, by=user))
    return found


def choose_retry_user(clip: Clip, by, *, may_edit: bool):
    """Return the user whose connections a retry may use: ``by``, or the clip's user if ``by`` is an administrator who
    may not edit the workspace."""
    return by if may_edit or not by else clip.created_by


def list_retry_connections(clip: Clip, user):
    return find_usable_connections(user, clip.workspace, clip.provider, clip.model)


def filter_retry_connections(clip: Clip, connections: list[Connection]) -> list[Connection]:
    """Return those of the user's ``connections`` in the clip's workspace that ``list_retry_connections`` lists."""
    found = [connection for connection in connections if connection.provider == clip.provider]
    if found and is_workspace_model(clip.provider, clip.model, clip.workspace):
        return [connection for connection in found if connection.belongs_to(clip.workspace)]
    return found


def choose_nearest_connection(clip: Clip, connections) -> Connection | None:
    """Return the clip's own connection if it is one of ``connections``, else the first of them."""
    usable = list(connections)
    own = next((connection for connection in usable if connection.pk == clip.connection_id), None)
    return own or next(iter(usable), None)


def check_installed(slug: str) -> None:
    """Raise JobRefused if this studio no longer has the provider."""
    if slug not in clip_providers():
        message = _("This studio no longer has %(provider)s. Nothing was started.")
        raise JobRefused(message % {"provider": slug})


def check_not_retired(slug: str, model: str, workspace) -> None:
    """Raise JobRefused for a retired model: a request to it might still be charged."""
    engine = clip_providers().get(slug)
    for capability in engine.capabilities_in(workspace) if engine else ():
        if model in ("", capability.model):
            if capability.is_retired:
                raise JobRefused(join_messages(capability.retired_message, build_message("not_started")))
            return


def check_clip_limits(clip, connection: Connection | None, workspace) -> None:
    """Raise LimitReached for a clip (or spec) that is longer, larger or from another provider than the workspace may
    make at the site's expense. Nothing but storage limits what goes through a connection of the user or workspace."""
    if clip.provider == EFFECTS or (connection and connection.scope != "site"):
        return
    check_limit(workspace, "longest_clip", count=lambda: 0, needed=clip.seconds)
    check_limit(workspace, "highest_lines", count=lambda: 0, needed=clip.resolution, ways=(OWN_KEY, PLAN))
    allowed = allowed_providers(workspace) if connection else None
    if allowed is not None and clip.provider not in allowed:
        raise limit_reached("providers", used=clip.provider, limit=clip.provider, needed=clip.provider)


def check_priced(estimate: Estimate, connection: Connection | None) -> None:
    """Raise PriceUnknown, with billing, for a clip without a known price that the site would pay for."""
    if settings.BILLING and connection and connection.scope == "site" and not estimate.is_known:
        raise PriceUnknown


def check_resend(clip: Clip, by) -> None:
    """Raise JobRefused for a retired model and for another user's own connection: only its owner may risk a double
    charge."""
    check_not_retired(clip.provider, clip.model, clip.workspace)
    if clip.connection and clip.connection.owner_id and (by is None or clip.connection.owner_id != by.pk):
        raise JobRefused(_("This was submitted through another person’s account. Only that person can resend it."))
