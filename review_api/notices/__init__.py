"""Notices: what a customer is told of their case, why, and how it reaches them.

A notice is written down in the transaction that it tells of (`notify`). Afterwards the relay puts
it into words (`composing`) and carries it out (`delivering`), so that neither a broken template nor
a silent receiver ever holds up a decision.
"""
