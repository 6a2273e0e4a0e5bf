"""The log of who did what, and its sentences for people."""

from allauth.account.adapter import get_adapter
from allauth.core import context
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import AuditEvent
from accounts.models.user import display_name
from common import hooks

SENTENCES = {
    "account.created": _("%(who)s created an account"),
    "account.closed": _("%(who)s closed their account"),
    "account.erased": _("An account was erased"),
    "account.exported": _("%(who)s requested a copy of their data"),
    "guest.adopted": _("%(who)s kept their guest work"),
    "operator.first": _("%(who)s became the first administrator"),
    "sign_in": _("%(who)s signed in"),
    "sign_in.failed": _("A sign-in failed"),
    "sign_out": _("%(who)s signed out"),
    "password.changed": _("%(who)s changed their password"),
    "password.reset": _("%(who)s reset their password by email"),
    "email.changed": _("%(who)s changed their email address"),
    "email.added": _("%(who)s added an email address"),
    "email.removed": _("%(who)s removed an email address"),
    "email.confirmed": _("%(who)s confirmed their email address"),
    "factor.added": _("%(who)s added a two-factor method"),
    "factor.removed": _("%(who)s removed a two-factor method"),
    "factor.reset": _("%(who)s removed two-factor authentication from %(target)s"),
    "factor.failed": _("A two-factor check failed for %(who)s"),
    "sessions.ended": _("%(who)s signed out other devices"),
    "person.changed": _("%(who)s changed the permissions of %(target)s"),
    "profile.changed": _("%(who)s changed their profile"),
}


def record(*, by, verb: str, target: object = "", workspace=None, **facts) -> AuditEvent:
    """Write one event. ``by`` is a person, or None for the site itself; facts must hold no secret and no name."""
    is_person = by is not None and by.is_authenticated
    return AuditEvent.objects.create(
        actor_id=by.pk if is_person else None,
        actor=display_name(by) if is_person else "",
        verb=verb,
        target=named(target),
        workspace_id=getattr(workspace, "pk", None),
        address=_address(),
        facts=facts,
    )


def sentence(event: AuditEvent) -> str:
    words = {"who": event.actor or gettext("Someone"), "target": target_words(event.target)}
    if known := hooks.merged("audit_sentences").get(event.verb):
        return str(known) % words
    return " ".join(filter(None, [words["who"], event.verb, words["target"]]))


def act(verb: str) -> str:
    """What a verb says, whoever does it to whatever."""
    return sentence(AuditEvent(verb=verb, target="…")) if verb in hooks.merged("audit_sentences") else verb


def target_words(target: str) -> str:
    """What an act was about, with the word that its reader has for such rows."""
    name, _space, pk = target.partition(" ")
    kind = next((model._meta for model in apps.get_models() if pk and model._meta.model_name == name), None)
    return f"{kind.verbose_name} {pk}" if kind else target


def named(target: object) -> str:
    """How the log calls what an act was about: by id, never by name."""
    return f"{target._meta.model_name} {target.pk}" if isinstance(target, Model) else str(target)


def _address() -> str | None:
    """Where the request at hand comes from; a worker has none."""
    if context.request is None:
        return None
    try:
        return get_adapter().get_client_ip(context.request)
    except PermissionDenied:  # the proxy sent no usable address: the event still counts
        return None
