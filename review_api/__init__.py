"""Cases, evidence, decisions and labels; the review API; intake, the only place that can pause.

Never reads Kafka: verdicts are handed to `review_api.intake` as bytes, and effects leave through
the outbox that `review_api.relay` empties.
"""
