"""The film engine, which renders a plan of clips and joins to one MP4. Uses files only, no database rows.

    plan.py     the shots, cards, joins and music of a film, exact to the frame
    fitting.py  shortens joins that are too long for their scenes
    merge.py    `merge()`, the entry point: draws joins, encodes sound, writes the file and checks it

Expensive parts are cached by content, so an interrupted merge resumes, and merging again renders only what changed.
"""
