"""Register what the gallery adds to the apps that it is built on."""

from common.hooks import AppHooks
from gallery.explore import documents

# Slots of the gallery's own pages, with what their context holds besides the request:
# "work.notice" (above the player: work), "work.head", "work.actions", "work.below", "work.side", "work.menu" (work),
# "comment.menu" (comment), "profile.head", "profile.actions", "profile.menu", "profile.below" (profile) and
# "explore.head".
HOOKS = AppHooks(app="gallery", search_indexes={"work": documents.WORK_INDEX})
