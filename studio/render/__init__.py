"""The film engine: renders a plan of clips and joins to one MP4. It reads and writes files only, no database rows.

    plan.py     shots, cards, joins and music of a film, exact to the frame
    fitting.py  shortens joins that are too long for their scenes
    merge.py    plan → windows → sound → file → checks; the entry point is `merge()`

Expensive parts are cached by content, so an interrupted merge resumes and a repeated one renders only what changed.
"""
