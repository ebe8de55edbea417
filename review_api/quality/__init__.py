"""How well review works: audits, second looks, agreement, and what wrongful pauses cost.

Nothing in here changes anybody's access. `records` is what is stored; `estimates`, `agreement` and
`reliability` are functions over values; the rest reads and writes.
"""
