"""The lines of a job's history: who signs them, the one way they are written, and how a name in them is forgotten."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from accounts.models import User, Workspace
from accounts.models.user import display_name
from jobs.models import JobEvent

WORKER = "worker "  # how workers sign, before host, process and thread


@dataclass(frozen=True)
class Signature:
    """Who did it, as histories keep it. People alone have an id: by it their name is found again wherever it lies."""

    name: str = ""
    person: UUID | None = None


STUDIO = Signature()
GUEST = Signature("guest")


def of_person(by: User | None) -> Signature:
    """Somebody who asked, a guest for None: everybody who may look reads it, so it is never the whole address."""
    return Signature(display_name(by)[:120], by.pk) if by else GUEST


def of_asker(by: User | None, workspace: Workspace) -> Signature:
    """Who asks for a job there: for nobody the guest whose workspace it is, and everywhere else the studio itself."""
    return of_person(by) if by or workspace.kind == Workspace.Kind.GUEST else STUDIO


def of_worker(who: str) -> Signature:
    """A process that took a step; ``who`` begins with WORKER."""
    return Signature(who[:120])


def write(job, by: Signature, *, reason="", old: str | None = None, new: str | None = None) -> None:
    """One more line; without ``old`` and ``new`` it says nothing of the job's state."""
    JobEvent.objects.create(
        job_id=job.pk,
        old=job.state if old is None else old,
        new=new or job.state,
        actor=by.name,
        actor_id=by.person,
        fence=job.fence,
        reason=str(reason)[:300],
    )


@transaction.atomic
def forget(user: User) -> None:
    """Their name leaves all histories, whosever the job is; the id stays, and says no more than that it was somebody.

    Lines of before people signed with an id are known by the name alone: there, where the person works.
    """
    JobEvent.objects.filter(actor_id=user.pk).exclude(actor="").update(actor="")
    names = {"actor_id": None, "actor": of_person(user).name}
    JobEvent.objects.filter(**names, job__workspace__memberships__user=user).update(actor="")
