"""What the owner of a work or comment is told about a decision, on their page and by email."""

from collections.abc import Iterable

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Membership, Role, User
from accounts.permissions import EDIT, workspace_ids_with
from gallery.access import describe_banned_acts
from gallery.models import Appeal, Case, Decision
from gallery.moderation import targets

Act = Decision.Act


def list_decisions(user):
    """Return the decisions about the user's works, comments and profiles, the newest first.

    A report that nothing followed is not among them. What others wrote to operators is never shown here.
    """
    ids = workspace_ids_with(user, EDIT)
    own = Q(profile__workspace__in=ids) | Q(case__work__workspace__in=ids) | Q(case__comment__user=user.pk)
    hidden_before = Decision.objects.filter(case=OuterRef("case"), is_automatic=True)
    quiet = Q(act=Act.KEEP, case__report_count__gt=0) & ~Exists(hidden_before)
    rows = Decision.objects.filter(own).exclude(quiet)
    return rows.select_related("case__work", "case__comment", "case__profile", "appeal", "ban", "strike").order_by(
        "-pk"
    )


def is_for_owner(decision: Decision) -> bool:
    """Return whether the owner is told of the decision: not if a report led to nothing."""
    if decision.act != Act.KEEP or not decision.case.report_count:
        return True
    return decision.case.decisions.filter(is_automatic=True).exists()


def describe(decision: Decision) -> str:
    """Return what was decided, in one or two sentences for the owner."""
    title = {"title": decision.case.target_label}
    if decision.is_automatic:
        return _("“%(title)s” is hidden until an administrator has looked at it: several people reported it.") % title
    if decision.act == Act.LABEL and not settings.GALLERY_MATURE:
        return _("“%(title)s” is marked as mature. This site shows no mature works, so nobody else sees it.") % title
    if decision.act == Act.BAN:
        return " ".join(
            [_("An administrator decided on a ban because of “%(title)s”.") % title, *_describe_ban(decision)]
        )
    if decision.is_approval:
        return _("“%(title)s” was approved, and everybody sees it now.") % title
    return {
        Act.KEEP: _("An administrator looked at “%(title)s” and found nothing wrong. It is shown."),
        Act.LABEL: _("“%(title)s” is marked as mature. You cannot change that yourself."),
        Act.HIDE: _("“%(title)s” is hidden. Nobody else sees it."),
        Act.REMOVE: _("“%(title)s” was removed from the gallery."),
        Act.WARN: _("This is a warning because of “%(title)s”."),
        Act.RESTORE: _("The decision about “%(title)s” was undone. What it changed is as before."),
    }[Act(decision.act)] % title


def _describe_ban(decision: Decision) -> Iterable[str]:
    yield describe_banned_acts(decision.ban.scope)
    if decision.ban.lifted_at:
        yield _("The ban was lifted.")
    elif decision.ends_at:
        yield _("The ban ends on %(date)s.") % {"date": _date(decision.ends_at)}
    else:
        yield _("The ban has no end.")


def _date(moment) -> str:
    return formats.date_format(timezone.localtime(moment), "DATE_FORMAT")


def send(decision: Decision) -> None:
    """Write to the owner after the transaction, where the site has a mail server."""
    if settings.HAS_MAIL and is_for_owner(decision):
        transaction.on_commit(lambda: _mail(decision, "gallery/email/decision", {}), robust=True)


def send_answer(appeal: Appeal) -> None:
    if settings.HAS_MAIL:
        transaction.on_commit(lambda: _mail(appeal.decision, "gallery/email/answer", {"appeal": appeal}), robust=True)


def _mail(decision: Decision, template: str, values: dict) -> None:
    link = settings.SITE_URL + reverse("gallery:decisions")
    for user in list_owners(decision):
        with translation.override(user.language or settings.LANGUAGE_CODE):
            context = {"decision": decision, "sentence": describe(decision), "link": link, **values}
            get_adapter().render_mail(template, user.email, context | {"site_url": settings.SITE_URL}).send()


def list_owners(decision: Decision) -> list[User]:
    """Return who may edit in the workspace that the decision concerns, or who wrote the comment."""
    case = Case.objects.select_related("work", "comment__user", "profile").get(pk=decision.case_id)
    workspace = decision.profile.workspace_id if decision.profile else targets.get_workspace(targets.get_target(case))
    roles = (Role.OWNER, Role.EDITOR)
    users = User.objects.filter(is_active=True)
    return list(users.filter(pk__in=Membership.objects.filter(workspace=workspace, role__in=roles).values("user")))
