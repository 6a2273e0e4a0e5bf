"""The audit log: writing events, and their sentences for users."""

from allauth.account.adapter import get_adapter
from allauth.core import context
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.hooks import AccountHooks
from accounts.models import AuditEvent
from accounts.models.user import display_name

SENTENCES = {
    "account.created": _("%(who)s created an account"),
    "account.closed": _("%(who)s closed their account"),
    "account.closed_for": _("%(who)s closed the account of %(target)s"),
    "account.erased": _("An account was erased"),
    "account.exported": _("%(who)s requested a copy of their data"),
    "guest.transferred": _("%(who)s kept their guest work"),
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
    "user.changed": _("%(who)s changed the permissions of %(target)s"),
    "user.suspended": _("%(who)s suspended %(target)s"),
    "user.unsuspended": _("%(who)s lifted the suspension of %(target)s"),
    "role.given": _("%(who)s gave %(target)s a role"),
    "role.taken": _("%(who)s took a role from %(target)s"),
    "profile.changed": _("%(who)s changed their profile"),
    "rate.changed": _("%(who)s set the exchange rate of %(target)s"),
    "rate.removed": _("%(who)s removed the exchange rate of %(target)s"),
}


def record(*, by, verb: str, target: object = "", workspace=None, **facts) -> AuditEvent:
    """Write an event. ``by`` is a user, or None for the site. Facts must not contain secrets or names."""
    is_user = by is not None and by.is_authenticated
    return AuditEvent.objects.create(
        actor_id=by.pk if is_user else None,
        actor=display_name(by) if is_user else "",
        verb=verb,
        target=target_name(target),
        workspace_id=getattr(workspace, "pk", None),
        address=_address(),
        facts=facts,
    )


def sentence(event: AuditEvent) -> str:
    facts = {"who": event.actor or gettext("Someone"), "target": target_label(event.target)}
    if known := AccountHooks.merged("audit_sentences").get(event.verb):
        return str(known) % facts
    return " ".join(filter(None, [facts["who"], event.verb, facts["target"]]))


def verb_label(verb: str) -> str:
    """Return the sentence of a verb without actor and target."""
    return sentence(AuditEvent(verb=verb, target="…")) if verb in AccountHooks.merged("audit_sentences") else verb


def target_label(target: str) -> str:
    """Return the target with the translated name of its model."""
    name, _space, pk = target.partition(" ")
    kind = next((model._meta for model in apps.get_models() if pk and model._meta.model_name == name), None)
    return f"{kind.verbose_name} {pk}" if kind else target


def target_name(target: object) -> str:
    """Return the target as it is stored: by id, never by name."""
    return f"{target._meta.model_name} {target.pk}" if isinstance(target, Model) else str(target)


def _address() -> str | None:
    """Return the IP address of the current request, or None in a worker."""
    if context.request is None:
        return None
    try:
        return get_adapter().get_client_ip(context.request)
    except PermissionDenied:  # the proxy sent no valid address
        return None
