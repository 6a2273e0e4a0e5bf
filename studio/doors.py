"""Ways into pages about stories, on pages that do not know of them: each fills a named place."""

from django.template.loader import render_to_string


def filler(template: str, here: tuple[str, ...] = ()):
    """A filling for a slot: the template with the story of the page, and ``is_here`` on the pages of these names."""

    def fill(context) -> str:
        request = context.get("request")
        match = getattr(request, "resolver_match", None)
        values = {"story": context.get("story"), "may_edit": context.get("may_edit")}
        return render_to_string(template, values | {"is_here": bool(match) and match.url_name in here})

    return fill


new_from_text = filler("studio/_import_new.html")
more_from_text = filler("studio/_import_more.html")
