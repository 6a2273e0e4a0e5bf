"""The worker's steps of a clip, each short and safe to repeat after a crash (which state calls which: job_kinds.py)."""
