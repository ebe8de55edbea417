"""Numbers about each account, kept up to date event by event.

One file a feature family: its state fields, its `update` and its `read` side by side. Live
scoring, training and replay all run the same compiled kernel in log order. No I/O but snapshots.
"""

import streams as _streams  # before any kernel: it says where compiled code is kept

__all__: list[str] = []
del _streams
