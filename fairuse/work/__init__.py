"""The workers: each reads from one place, does its part, and commits before it reads on.

A worker dies of what it cannot mend (a broker that is gone, a database that does not answer) and is
started again by whatever supervises it; every one of them goes on where it had committed.
"""
