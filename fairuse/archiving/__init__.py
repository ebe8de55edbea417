"""What is done with an archive beside filling it: compaction, retention, bases, erasure."""
