"""What kinds of job there are, and which step each takes in which state: upper floors register theirs in ready()."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext

from jobs.models import State


@dataclass(frozen=True)
class Silence:
    """What may still be heard of a submission that was never answered: ``news`` is ``asked`` where somebody keeps
    looking, ``called`` where only a callback can tell, else ``none``. ``is_site``: the account is the studio's own;
    ``is_free``: nobody bills there; ``earlier``: so many were given up before it that may have been charged as well."""

    news: str = "asked"
    is_site: bool = False
    is_free: bool = False
    earlier: int = 0

    @property
    def is_repeated(self) -> bool:
        return self.earlier > 0

    @property
    def may_cost(self) -> bool:
        """Whether somebody's own account may have been charged for it."""
        return not (self.is_site or self.is_free)


@dataclass(frozen=True)
class Again:
    """What trying a job again would be for one person: the id of the ``account`` elsewhere that it would go through,
    its ``price`` in words, and a ``note`` that says whose account is billed. All empty for what is made here.
    ``is_priced`` false: the words say that nobody knows the price."""

    account: str = ""
    price: str = ""
    note: str = ""
    is_priced: bool = True


@dataclass(frozen=True)
class Kind:
    """A sort of job. ``label`` names it for people, ``doing`` what is done while it runs ("Packing"),
    ``maker(job)`` who makes it, where people call that by another name than the job does; ``payee(job)`` whose account
    is billed, where that is another; ``cost(job)`` what it cost in words, where the job's own figures do not say it all
    (nothing for the rest).

    ``steps`` names the one short step for each state; it gets a ``Claim`` and says what comes next.
    A local kind is worked here from start to end: without a step for "queued" it goes to "running" at once,
    without one for "stored" it is ready at once. One that is not local is asked for elsewhere, and its "running"
    step is a poll that the dispatcher takes itself.

    The hooks keep the owner of the job in step, each inside the transaction of what they follow:
    ``ended(job)`` any end, ``retried(old, new)``, ``deleted(job)`` into the bin, ``restored(job)`` out of it,
    and ``purged(job)`` just before the row itself goes: nothing may point at the job afterwards.
    ``asked_anew(job, by)`` may refuse that a job of unknown outcome is sent once more, ``released(job)`` that what is
    held for it is given back.
    ``gather(jobs, live)`` reads what the polls of many jobs need at once, and leaves it on them; ``live`` has the live
    attempts, by job.
    ``triable(jobs)`` gives the ids of those whose work is still there, so that it can be tried again.
    ``stays_in`` are states whose step has a worker wait for a machine elsewhere, for as long as that one likes;
    in ``asks_in`` it waits for one answer, which comes at once from all but a slow machine.
    ``recall()`` brings into the database what only this machine's disk knows; the dispatcher calls it all the time.
    ``bill(job)`` what an end outside any step costs, in millionths, and what is then said about money.
    ``stopping(job)`` what is said when somebody stops it, where that alone does not end what it began.
    ``broken(job)`` what is said when its step broke in a way that nobody foresaw, where that may have cost something.
    ``price(job)`` what the same costs today, as (millionths, currency), before somebody has it tried again.
    ``again(job, by)`` whose account that person's next try would go through, and what is said of it beforehand.
    ``foresee(jobs, by)`` reads what these two need of many jobs at once, and leaves it on them for one look.
    ``kept(job)`` what is said of one that its person has all the same, though only plainly, when it is given up;
    empty where they have nothing.
    ``silence(job)`` what may still be heard of one that was never answered.
    ``warm()`` brings into memory what its steps read, and opens nothing: workers are forked from a process that did.
    One that ``is_private`` is seen by who asked for it alone, whoever else may look into the workspace. One that
    ``is_unseen`` stands in no list at all: its jobs lie in the bin from their beginning, and go when they are done.
    """

    name: str
    label: str
    steps: Mapping[str, Callable] = field(default_factory=dict)
    doing: str = ""
    maker: Callable | None = None
    payee: Callable | None = None
    cost: Callable | None = None
    bill: Callable | None = None
    ended: Callable | None = None
    retried: Callable | None = None
    triable: Callable | None = None
    deleted: Callable | None = None
    restored: Callable | None = None
    purged: Callable | None = None
    gather: Callable | None = None
    asked_anew: Callable | None = None
    released: Callable | None = None
    stays_in: frozenset[str] = frozenset()
    asks_in: frozenset[str] = frozenset()
    recall: Callable | None = None
    stopping: Callable | None = None
    broken: Callable | None = None
    kept: Callable | None = None
    price: Callable | None = None
    again: Callable[..., Again] | None = None
    foresee: Callable | None = None
    silence: Callable[..., Silence] | None = None
    warm: Callable | None = None
    is_local: bool = True
    is_retryable: bool = True
    is_private: bool = False
    is_unseen: bool = False


_kinds: dict[str, Kind] = {}
_providers: list[Callable[[str], str]] = []


def register(kind: Kind) -> None:
    if _kinds.get(kind.name, kind) != kind:
        raise ValueError(f"two kinds of job are called {kind.name}")
    _kinds[kind.name] = kind


def kind_of(job) -> Kind:
    """The kind of a job; LookupError when the app that made it is no longer installed."""
    try:
        return _kinds[job.kind]
    except KeyError:
        raise LookupError(f"no app here knows jobs of kind {job.kind!r}") from None


def label(name: str) -> str:
    return str(_kinds[name].label) if name in _kinds else name


def cost(job) -> str:
    """What the kind says of the cost of a job; empty when the job's own figures say it."""
    kind = _kinds.get(job.kind)
    return str(kind.cost(job)) if kind and kind.cost else ""


def bill(job) -> tuple[int, str]:
    """What a job costs that ends outside any step, and the words for it; nothing where no one else bills."""
    kind = _kinds.get(job.kind)
    return kind.bill(job) if kind and kind.bill else (0, gettext("Nothing was charged."))


def maker(job) -> str:
    """Who makes the job, by the name that people know."""
    kind = _kinds.get(job.kind)
    return str(kind.maker(job)) if kind and kind.maker else job.model or job.provider


def payee(job) -> str:
    """With whom the account is that pays for the job, by the name that people know."""
    kind = _kinds.get(job.kind)
    return str(kind.payee(job)) if kind and kind.payee else maker(job)


def provider(slug: str) -> str:
    """A provider by the name that people know; it may be gone, or there may be none."""
    return next((words for name in _providers if (words := name(slug))), slug)


def name_providers(name: Callable[[str], str]) -> None:
    """A floor above knows what providers are called: ``name(slug)``, empty for one that it does not know."""
    if name not in _providers:
        _providers.append(name)


def kept(job) -> str:
    """What is said of a job whose person goes on having what it made, when it is given up; empty for the rest."""
    kind = _kinds.get(job.kind)
    return kind.kept(job) if kind and kind.kept else ""


def silence(job) -> Silence:
    """What may still be heard of a job whose provider never answered."""
    kind = _kinds.get(job.kind)
    return kind.silence(job) if kind and kind.silence else Silence()


def price_today(job) -> tuple[int, str]:
    """What trying the job again costs now; what it cost the first time where its kind has no other price."""
    kind = _kinds.get(job.kind)
    return kind.price(job) if kind and kind.price else (job.price_reserved, job.currency)


def again(job, by) -> Again:
    """Through whose account that person would try the job again."""
    kind = _kinds.get(job.kind)
    return kind.again(job, by) if kind and kind.again else Again()


def foresee(jobs, by) -> None:
    """What ``again`` and ``price_today`` are going to need of these jobs is read at once, where their kind can."""
    for kind in {job.kind for job in jobs} & _kinds.keys():
        if read := _kinds[kind].foresee:
            read([job for job in jobs if job.kind == kind], by)


def is_retryable(job) -> bool:
    return job.kind in _kinds and _kinds[job.kind].is_retryable


def triable(jobs) -> set:
    """The ids of those of these jobs whose work is still there; of a kind that does not say, of all."""
    found = set()
    for kind in {job.kind for job in jobs} & _kinds.keys():
        some = [job for job in jobs if job.kind == kind]
        say = _kinds[kind].triable
        found |= set(say(some)) if say else {job.pk for job in some}
    return found


def is_local(job) -> bool:
    """Made on this machine; also what no app here knows any more."""
    return job.kind not in _kinds or _kinds[job.kind].is_local


def stopping_words(job) -> str:
    """What becomes of it and of the money once it is asked to stop."""
    kind = _kinds.get(job.kind)
    if kind and kind.stopping:
        return kind.stopping(job)
    if is_local(job):
        return gettext("Stopping it. Nothing is charged for what is not finished.")
    return gettext("Its provider is asked to stop. The job says what becomes of the money.")


def broken_words(job) -> str:
    """What is said when its step broke; empty where that cost nothing."""
    kind = _kinds.get(job.kind)
    return kind.broken(job) if kind and kind.broken else ""


def state_words(job) -> str:
    """The state of a job in a word or two, as people of that kind of work would say it."""
    if job.is_stopping:
        return gettext("Stopping")
    kind = _kinds.get(job.kind)
    if waits_elsewhere(job):
        return str(State.QUEUED.label)
    if job.state == State.RUNNING and kind and kind.doing:
        return str(kind.doing)
    if job.state == State.READY_DEGRADED:
        return gettext("Download only")
    return job.get_state_display()


def waits_elsewhere(job) -> bool:
    """Whether its provider has it and has not begun, as far as anybody knows: nothing is being made yet."""
    return job.state == State.RUNNING and bool(job.is_in_line)


def everything() -> list[Kind]:
    return list(_kinds.values())


def polled() -> list[str]:
    """Names of the kinds whose "running" is a question to somebody else."""
    return [kind.name for kind in _kinds.values() if not kind.is_local]


def private() -> list[str]:
    """Names of the kinds that are seen by who asked for them alone."""
    return [kind.name for kind in _kinds.values() if kind.is_private]


def unseen() -> list[str]:
    """Names of the kinds that nobody sees."""
    return [kind.name for kind in _kinds.values() if kind.is_unseen]


def tell(job, hook: str, *others) -> None:
    """Call one hook of the job's kind, if the kind is known and has it."""
    kind = _kinds.get(job.kind)
    if kind and (call := getattr(kind, hook)):
        call(job, *others)
