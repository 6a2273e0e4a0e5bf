from gallery.models.moderation import Appeal, Ban, Case, Decision, Report, Strike
from gallery.models.profile import Block, Follow, FormerHandle, Profile, ViewerSettings, get_public_name
from gallery.models.reactions import Comment, Like, Playlist, PlaylistEntry
from gallery.models.remix import Remix, RemixFrame, StoryTemplate
from gallery.models.work import IS_LISTED, Tag, Work, WorkTag

__all__ = [
    "IS_LISTED",
    "Appeal",
    "Ban",
    "Block",
    "Case",
    "Comment",
    "Decision",
    "Follow",
    "FormerHandle",
    "Like",
    "Playlist",
    "PlaylistEntry",
    "Profile",
    "Remix",
    "RemixFrame",
    "Report",
    "StoryTemplate",
    "Strike",
    "Tag",
    "ViewerSettings",
    "Work",
    "WorkTag",
    "get_public_name",
]
