"""One step of the schema a file, numbered in order. Add first, remove in a later release."""
