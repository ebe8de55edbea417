"""`python -m fairuse` is `fairuse`."""

from __future__ import annotations

from fairuse.cli import main

if __name__ == "__main__":
    main()
