"""Static files for production: bundled, minified, compressed, and named by their content."""

import posixpath
import re

import rjsmin
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

STYLESHEET = "css/main.css"
IMPORT = re.compile(r'@import url\("(?P<url>[^"]+)"\)(?: layer\((?P<layer>[\w-]+)\))?;\n')
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
INDENT = re.compile(r"\s*\n\s*")


class BundledStaticFiles(CompressedManifestStaticFilesStorage):
    """Bundles the style sheets, minifies modules, and replaces names by names with a content hash.

    In development the browser follows the imports itself, without a build step.
    """

    support_js_module_import_aggregation = True

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self._urls: dict[str, str] = {}

    def url(self, name, force=False):
        """Return the URL of a file; a page asks for those of its icons a hundred times."""
        if name not in self._urls:
            self._urls[name] = super().url(name, force)
        return self._urls[name]

    def post_process(self, paths, dry_run=False, **options):
        if STYLESHEET in paths and not dry_run:
            self.delete(STYLESHEET)
            self.save(STYLESHEET, ContentFile(bundle_css(paths).encode()))
            paths[STYLESHEET] = (self, STYLESHEET)
        for name in [] if dry_run else [name for name in paths if name.startswith("js/") and name.endswith(".js")]:
            module = rjsmin.jsmin(_read(paths, name))
            self.delete(name)
            self.save(name, ContentFile(module.encode()))
            paths[name] = (self, name)
        yield from super().post_process(paths, dry_run=dry_run, **options)


def _read(paths, name) -> str:
    """Return the text of a static file. ``paths``: name → (storage, path)."""
    storage, path = paths[name]
    with storage.open(path) as file:
        return file.read().decode()


def bundle_css(paths) -> str:
    """Return the main style sheet with each import replaced by the imported file, without comments and indents."""

    def inline(found):
        name = posixpath.normpath(posixpath.join(posixpath.dirname(STYLESHEET), found["url"]))
        return f"@layer {found['layer']} {{\n{_read(paths, name)}}}\n" if found["layer"] else _read(paths, name)

    return INDENT.sub("\n", COMMENT.sub("", IMPORT.sub(inline, _read(paths, STYLESHEET)))).lstrip()
