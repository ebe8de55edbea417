"""The reviewers' console: the queue, a case with its evidence, and a decision, as plain pages.

Rendered on the server, readable and usable without JavaScript, and nothing on a page comes from
anywhere else. It asks and decides through the same functions as the API and writes the same audit.
"""

from __future__ import annotations

from review_api.console.app import PATH, ConsoleSettings, mount
from review_api.console.origins import origins_in

__all__ = ["PATH", "ConsoleSettings", "mount", "origins_in"]
