"""Usage events: their contract, the ways they arrive and are kept, and the traffic simulator.

Knows nothing of abuse. Everything to the right of this package reads events only as
`streams.columns.EventBatch`.
"""

from __future__ import annotations

from streams.compiled import keep_kernels_apart

keep_kernels_apart()
