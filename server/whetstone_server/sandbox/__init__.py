"""The sandbox: runs code that may be wrong, and says what old and new did there."""
