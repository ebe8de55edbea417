"""The gate: whether tonight's candidate may take the champion's place, and if not, why.

Both models are weighed on the same account-months (`detectors.gate.weighing`), a fixed simulated
suite is scored by both (`families`); each check is a pure function of what was found and gives its
figures and one sentence (`checks`). Nothing here moves a model.
"""
