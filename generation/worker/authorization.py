"""Whose account may be spent from, and for what: looked at when a job's turn comes, and when it is tried again."""

from django.utils.translation import gettext as _

from accounts.models import Workspace
from accounts.permissions import EDIT, can
from generation.composer.providers_for_user import connections_for, is_workspace_model, no_connection_message
from generation.models import Clip
from generation.providers.models import Connection
from generation.providers.registry import makers
from generation.worker.no_answer_messages import unspent_words
from jobs.lifecycle.lease import StepFailed
from jobs.services import JobRefused


def check(clip: Clip, job) -> None:
    """StepFailed where neither who asked nor who tried again may change the workspace through this account any more,
    and where a workflow uploaded in a workspace would run on a connection that is not the workspace's own.

    Guests have no account of their own: their jobs have no person. Nor have those of who was erased meanwhile: nobody
    is left who may spend what the workspace's account holds.
    """
    of_clip = (clip.provider, clip.model, clip.workspace)
    if is_workspace_model(*of_clip) and not clip.connection.belongs_to(clip.workspace):
        raise StepFailed("not_allowed", f"{no_connection_message(*of_clip)} {unspent_words(job)}")
    if clip.workspace.kind == Workspace.Kind.GUEST:
        return
    people = {person for person in (job.created_by, clip.created_by) if person}
    if not any(_may(clip.connection, person, clip.workspace) for person in people):
        words = _("The person who requested this can no longer use the connection or edit the workspace.")
        raise StepFailed("not_allowed", f"{words} {unspent_words(job)}")


def _may(connection: Connection, person, workspace) -> bool:
    is_open_to = connection.owner_id in (None, person.pk) and connection.workspace_id in (None, workspace.pk)
    return is_open_to and person.is_active and can(person, EDIT, workspace)


def retry_connection(clip: Clip, by) -> Connection | None:
    """The account that one more try goes through: the same, or the nearest of whoever tries it again. An operator
    does it for the person who asked. JobRefused where there is none."""
    if makers()[clip.provider].is_local:
        return None
    asker = retry_user(clip, by, may=bool(by) and can(by, EDIT, clip.workspace))
    found = nearest(clip, list(retry_connections(clip, asker)))
    if found is None:
        raise JobRefused(no_connection_message(clip.provider, clip.model, clip.workspace))
    return found


def retry_user(clip: Clip, by, *, may: bool):
    """Whose accounts one more try may go through: an operator does it for the person who asked."""
    return by if may or not by else clip.created_by


def retry_connections(clip: Clip, asker):
    return connections_for(asker, clip.workspace, clip.provider, clip.model)


def nearest(clip: Clip, accounts) -> Connection | None:
    """The same as before, else the first."""
    return next((each for each in accounts if each.pk == clip.connection_id), next(iter(accounts), None))


def check_installed(slug: str) -> None:
    """JobRefused for an engine that this install does not have any more, which many an old clip was made with."""
    if slug not in makers():
        words = _("This studio no longer has %(provider)s. Nothing was started.")
        raise JobRefused(words % {"provider": slug})


def check_not_retired(slug: str, model: str, workspace) -> None:
    """JobRefused for a model that its maker took away: asking for it once more may still cost something there."""
    engine = makers().get(slug)
    for each in engine.capabilities_in(workspace) if engine else ():
        if model in ("", each.model):
            if each.is_retired:
                raise JobRefused(f"{each.retired_words} {_('Nothing was started.')}")
            return


def check_resend(clip: Clip, by) -> None:
    """JobRefused for a retired model, and for somebody else's own account: only its owner may risk that it is charged
    twice."""
    check_not_retired(clip.provider, clip.model, clip.workspace)
    if clip.connection and clip.connection.owner_id and (by is None or clip.connection.owner_id != by.pk):
        raise JobRefused(_("This was submitted through another person’s account. Only that person can resend it."))
