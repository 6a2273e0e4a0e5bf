"""Static files as production serves them: named by their content, compressed, few."""

import posixpath
import re

import rjsmin
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

SHEET = "css/main.css"
IMPORT = re.compile(r'@import url\("(?P<url>[^"]+)"\)(?: layer\((?P<layer>[\w-]+)\))?;\n')


class FoldedStatic(CompressedManifestStaticFilesStorage):
    """Fold the sheets into one, minify modules, and let them name each other by content hash.

    In development the browser follows the imports itself, without a build step.
    """

    support_js_module_import_aggregation = True

    def post_process(self, paths, dry_run=False, **options):
        if SHEET in paths and not dry_run:
            self.delete(SHEET)
            self.save(SHEET, ContentFile(fold(paths).encode()))
            paths[SHEET] = (self, SHEET)
        for name in [] if dry_run else [name for name in paths if name.startswith("js/") and name.endswith(".js")]:
            module = rjsmin.jsmin(_text(paths, name))
            self.delete(name)
            self.save(name, ContentFile(module.encode()))
            paths[name] = (self, name)
        yield from super().post_process(paths, dry_run=dry_run, **options)


def _text(paths, name) -> str:
    """``paths``: name → (storage, path)."""
    storage, path = paths[name]
    with storage.open(path) as file:
        return file.read().decode()


def fold(paths) -> str:
    """The main sheet with each import replaced by what it names."""

    def inside(found):
        name = posixpath.normpath(posixpath.join(posixpath.dirname(SHEET), found["url"]))
        return f"@layer {found['layer']} {{\n{_text(paths, name)}}}\n" if found["layer"] else _text(paths, name)

    return IMPORT.sub(inside, _text(paths, SHEET))
