"""Keep, use, star and delete prompt templates."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import F

from accounts.billing.limits import limit_of
from accounts.viewer import Viewer
from generation.models import PromptRewrite, PromptStar, PromptTemplate, StyleWords
from generation.providers.prompt import STYLE_PROMPTS
from generation.worker import charging
from jobs import services as jobs

SESSION_KEY = "used_prompt"  # the words that Create shows with ?words=1


class TooManyTemplates(Exception):
    """The user, or the workspace, has as many templates as allowed."""


@transaction.atomic
def create_templates(rows: list[dict], *, by, workspace, is_shared: bool) -> list[PromptTemplate]:
    """Create templates for the user, or for the workspace if ``is_shared``; all or none.

    ``rows``: values of the columns. Raises TooManyTemplates.
    """
    jobs.lock_workspace(workspace)
    owned = {"workspace": workspace, "owner": None} if is_shared else {"owner": by, "workspace": None}
    count = PromptTemplate.objects.filter(**owned).count()
    if count + len(rows) > limit_of(workspace, "prompt_templates"):
        raise TooManyTemplates
    return PromptTemplate.objects.bulk_create(PromptTemplate(created_by=by, **owned, **row) for row in rows)


def change_template(template: PromptTemplate, values: dict) -> None:
    for name, value in values.items():
        setattr(template, name, value)
    template.save(update_fields=[*values, "changed_at"])


@transaction.atomic
def delete_template(template: PromptTemplate) -> None:
    """Delete the template for good, with the stars on it."""
    PromptStar.objects.filter(key=str(template.pk)).delete()
    template.delete()


def count_use(key: str, viewer: Viewer) -> None:
    """Count a use of one of the user's or the workspace's templates. What ships with the studio is not counted."""
    if not key.startswith("studio-"):
        PromptTemplate.objects.visible_in(viewer).filter(pk=key).update(uses=F("uses") + 1)


def set_star(user, key: str, *, text: str, is_on: bool) -> None:
    """Set or remove a user's star on a template, or on an asked prompt, whose ``text`` is kept."""
    if is_on:
        PromptStar.objects.get_or_create(user=user, key=key, defaults={"text": text})
    else:
        PromptStar.objects.filter(user=user, key=key).delete()


@transaction.atomic
def set_style_words(workspace, words: Mapping[str, str], *, by) -> None:
    """Store the words of these styles. Empty ones, and those of the studio itself, end the workspace's own."""
    for style, text in words.items():
        rows = StyleWords.objects.filter(workspace=workspace, style=style)
        if text in ("", STYLE_PROMPTS[style]):
            rows.delete()
        elif not rows.filter(words=text).exists():
            StyleWords.objects.update_or_create(
                workspace=workspace, style=style, defaults={"words": text, "changed_by": by}
            )


@transaction.atomic
def request_rewrite(*, workspace, by, connection, idem_key: str, **values) -> PromptRewrite:
    """Queue the job that lets a language model write other words for a prompt. ``values``: columns of the rewrite.

    A second call with the same ``idem_key`` returns the rewrite of the first one. Raises JobRefused or BillingRefusal.
    """
    jobs.lock_workspace(workspace)
    key = f"rewrite-{idem_key}"
    if found := PromptRewrite.objects.filter(job__workspace=workspace, job__idem_key=key, created_by=by).first():
        return found
    charging.check_payment(workspace, connection)
    rewrite = PromptRewrite(workspace=workspace, created_by=by, connection=connection, **values)
    rewrite.job = jobs.submit(
        workspace=workspace,
        by=by,
        kind="rewrite",
        title=rewrite.text[:120] or rewrite.get_task_display(),
        page=rewrite.get_absolute_url(),
        provider=connection.provider,
        params={"rewrite": str(rewrite.pk)},
        idem_key=key,
        payer=charging.get_payer(connection),
    )
    rewrite.save(force_insert=True)
    return rewrite
