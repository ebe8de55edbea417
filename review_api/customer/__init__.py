"""The pages that customers see: what is offered, and what is paused on their own account.

Rendered on the server, without scripts, in words a customer knows: no detector, score or threshold
is ever named here, and nothing of anybody else.
"""

from __future__ import annotations

from review_api.customer.app import LINK_PATHS, OPEN_PATHS, customer_routes

__all__ = ["LINK_PATHS", "OPEN_PATHS", "customer_routes"]
