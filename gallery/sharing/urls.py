from django.urls import path

from gallery.sharing import embed, feeds, oembed, plays, sitemaps

urlpatterns = [
    path("w/<str:code>/play/", plays.count_play, name="count_play"),
    path("embed/<str:key>/", embed.embed, name="embed"),
    path("oembed/", oembed.oembed, name="oembed"),
    path("explore/feed.atom", feeds.feed, name="feed"),
    path("explore/tags/<str:tag>/feed.atom", feeds.tag_feed, name="tag_feed"),
    path("@<str:handle>/feed.atom", feeds.profile_feed, name="profile_feed"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap-<slug:section>.xml", sitemaps.part, name="sitemap_part"),
    path("robots.txt", sitemaps.robots, name="robots"),
]
