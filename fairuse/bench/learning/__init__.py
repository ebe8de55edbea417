"""A platform in small that lives through days and nights: traffic, scoring, review, retraining."""
