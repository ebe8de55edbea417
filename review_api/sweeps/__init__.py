"""Restoring many for one root cause: found, looked at, done in stages, taken back in one step."""
