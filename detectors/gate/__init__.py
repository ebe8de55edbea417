"""The gate: whether tonight's candidate may take the champion's place, and if not, why.

Both models are weighed on the same account-months (`detectors.gate.weighing`); each check is a pure
function of what was weighed and gives its figures and one sentence. Nothing here moves a model.
"""
