"""Pencil storyboard panels (e-konte): a typed panel is drawn as lines on paper, with its camera and a note.

Pure: no database, no network. ``panel.py`` says what a panel holds; the names it may use are rows of TOML files here.
"""
