"""What an account may use, and whether it may use it now: accounts, pause leases, measures.

Never decides who is an abuser: it takes and lifts a pause when told, and refuses one that a
person has ruled out. Only the monthly quota can be paused; credits cannot, by construction.
"""
