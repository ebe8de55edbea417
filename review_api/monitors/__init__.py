"""Monitors: is the promise kept, how good is each model, and is what it sees still what it learnt.

Values in, values out (`detectors.drift`, `detectors.betting`, `.reports`), but for the reads and
facts of `.promise` and `.nights`.
"""
