"""Events of a job: who caused them, writing them, and erasing names in them."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from accounts.models import User, Workspace
from accounts.models.user import display_name
from jobs.models import JobEvent

WORKER = "worker "  # prefix of the names of workers, before host, process and thread


@dataclass(frozen=True)
class Actor:
    """Who caused an event. Only users have an id, by which their name is found and erased later."""

    name: str = ""
    user_id: UUID | None = None


STUDIO = Actor()
GUEST = Actor("guest")


def user_actor(user: User | None) -> Actor:
    """Returns the actor for a user, or for a guest if None. The name is never the whole email address."""
    return Actor(display_name(user)[:120], user.pk) if user else GUEST


def requester_actor(user: User | None, workspace: Workspace) -> Actor:
    """Returns who requested a job: the user, the guest of a guest workspace, or else the studio itself."""
    return user_actor(user) if user or workspace.kind == Workspace.Kind.GUEST else STUDIO


def worker_actor(name: str) -> Actor:
    """Returns the actor for a worker, whose name begins with WORKER."""
    return Actor(name[:120])


def write_event(job, by: Actor, *, reason="", old: str | None = None, new: str | None = None) -> None:
    """Write an event. Without ``old`` and ``new`` the state did not change."""
    JobEvent.objects.create(
        job_id=job.pk,
        old=job.state if old is None else old,
        new=new or job.state,
        actor=by.name,
        actor_id=by.user_id,
        fence=job.fence,
        reason=str(reason)[:300],
    )


@transaction.atomic
def erase_name(user: User) -> None:
    """Remove a user's name from the events of all jobs. The id stays and shows only that it was a user.

    Events without an id are found by the name, in the workspaces of the user.
    """
    JobEvent.objects.filter(actor_id=user.pk).exclude(actor="").update(actor="")
    without_id = {"actor_id": None, "actor": user_actor(user).name}
    JobEvent.objects.filter(**without_id, job__workspace__memberships__user=user).update(actor="")
