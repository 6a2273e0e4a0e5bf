"""The film engine: from a plan of clips and joins to one MP4. Files in, files out; it knows no rows and no requests.

    plan.py     what the film is: shots, cards, joins, music; exact to the frame
    fitting.py  joins that are too long for their scenes are shortened, and it is said
    merge.py    plan → windows → sound → assemble → check; `merge()` is the whole of it

Everything expensive is kept in a cache named by content, so a merge that was stopped goes on where it was, and one
that is repeated after a change does only what changed.
"""
