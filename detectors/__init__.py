"""From feature vectors to verdicts: detectors per abuse kind, calibration, policy and reasons.

A score is raw and higher is stranger; a threshold is a named value; an action is policy. Nothing
here reads a clock, a database or Kafka, and nothing here can pause anyone.
"""

import features as _features  # before any kernel: it says where compiled code is kept

__all__: list[str] = []
del _features
