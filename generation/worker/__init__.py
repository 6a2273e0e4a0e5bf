"""The worker's short steps of a clip, each safe to repeat after a crash. See kinds.py for which state calls which."""
