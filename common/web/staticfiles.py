"""Static files as production serves them: named by their content, compressed, few."""

import posixpath
import re

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

SHEET = "css/main.css"
COMMENT = re.compile(r"(^|\s)// .*$|^\s*/\*\* .*\*/$")
IMPORT = re.compile(r'@import url\("(?P<url>[^"]+)"\)(?: layer\((?P<layer>[\w-]+)\))?;\n')


class FoldedStatic(CompressedManifestStaticFilesStorage):
    """Sheets are folded into one, modules travel without their comments and name each other by content hash.

    While developing, the browser follows the imports itself; there is no build step to forget.
    """

    support_js_module_import_aggregation = True

    def post_process(self, paths, dry_run=False, **options):
        if SHEET in paths and not dry_run:
            self.delete(SHEET)
            self.save(SHEET, ContentFile(fold(paths).encode()))
            paths[SHEET] = (self, SHEET)
        for name in [] if dry_run else [name for name in paths if name.startswith("js/") and name.endswith(".js")]:
            words = lean(_text(paths, name))
            self.delete(name)
            self.save(name, ContentFile(words.encode()))
            paths[name] = (self, name)
        yield from super().post_process(paths, dry_run=dry_run, **options)


def _text(paths, name) -> str:
    """``paths``: name → (storage, path)."""
    storage, path = paths[name]
    with storage.open(path) as file:
        return file.read().decode()


def lean(module: str) -> str:
    """A module of ours without indentation and without what only says why (no text of ours spans lines)."""
    lines = (COMMENT.sub("", line).strip() for line in module.splitlines())
    return "\n".join(line for line in lines if line) + "\n"


def fold(paths) -> str:
    """The main sheet with each import replaced by what it names."""

    def inside(found):
        name = posixpath.normpath(posixpath.join(posixpath.dirname(SHEET), found["url"]))
        return f"@layer {found['layer']} {{\n{_text(paths, name)}}}\n" if found["layer"] else _text(paths, name)

    return IMPORT.sub(inside, _text(paths, SHEET))
