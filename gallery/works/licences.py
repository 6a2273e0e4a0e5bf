"""Which licences the author of a remix may choose: those that every work it was made from allows."""

from django.utils.translation import gettext as _

from common.templatetags.ui import listed
from gallery.models import Remix, Work
from gallery.works.lineage import find_parents

Licence = Work.Licence
# Of a remix by the licence of its parent (docs/adr/0029-remixes.md).
ALLOWED = {
    Licence.CC0: frozenset(Licence.values),
    Licence.BY: frozenset(Licence.values) - {Licence.CC0},
    Licence.BY_SA: frozenset({Licence.BY_SA}),
    Licence.BY_NC: frozenset({Licence.BY_NC, Licence.BY_NC_SA, Licence.RESERVED}),
    Licence.BY_NC_SA: frozenset({Licence.BY_NC_SA}),
    Licence.RESERVED: frozenset({Licence.RESERVED}),
}
LICENCE_PAGES = {
    Licence.CC0: "https://creativecommons.org/publicdomain/zero/1.0/",
    Licence.BY: "https://creativecommons.org/licenses/by/4.0/",
    Licence.BY_SA: "https://creativecommons.org/licenses/by-sa/4.0/",
    Licence.BY_NC: "https://creativecommons.org/licenses/by-nc/4.0/",
    Licence.BY_NC_SA: "https://creativecommons.org/licenses/by-nc-sa/4.0/",
}


def list_binding_parents(source) -> list[Remix]:
    """Return the works of others that the clip, film or template was made from."""
    return [parent for parent in find_parents(source) if not _is_own(parent, source)]


def _is_own(parent: Remix, source) -> bool:
    return parent.parent is not None and parent.parent.workspace_id == get_workspace_id(source)


def get_workspace_id(source):
    """Return the workspace of a clip, film or template."""
    return source.story.workspace_id if hasattr(source, "story") else source.workspace_id


def allowed_licences(source) -> list[tuple[str, str]]:
    """Return (licence, reason) for all licences that a clip, film or template may be published under.

    An empty reason: the licence is allowed. None is allowed if two of the works that it was made from exclude each
    other.
    """
    parents = list_binding_parents(source)
    return [(licence, _find_reason(licence, parents)) for licence in Licence.values]


def _find_reason(licence: str, parents: list[Remix]) -> str:
    parent = next((row for row in parents if licence not in ALLOWED[Licence(row.parent_licence)]), None)
    if parent is None:
        return ""
    values = {"title": parent.credited_title, "licence": str(Licence(parent.parent_licence).label)}
    if parent.parent_licence == Licence.RESERVED:
        return (
            _("Made from “%(title)s”, whose author keeps all rights: a remix of it cannot give rights to others.")
            % values
        )
    return _("Made from “%(title)s” under %(licence)s, which binds remixes: some licences are not offered.") % values


def list_reasons(source) -> list[str]:
    """Return why some licences are not allowed, each reason once."""
    return list(dict.fromkeys(reason for _licence, reason in allowed_licences(source) if reason))


def describe_limits(licence: str) -> str:
    """Return under which licences remixes of a work with this licence can be published, for the menu of its page."""
    allowed = [str(Licence(value).label) for value in Licence.values if value in ALLOWED[Licence(licence)]]
    return listed(allowed) if len(allowed) < len(Licence.values) else _("any licence")


def get_licence_page(work: Work) -> str:
    """Return the page of the licence; "" if all rights are reserved."""
    return LICENCE_PAGES.get(Licence(work.licence), "")
