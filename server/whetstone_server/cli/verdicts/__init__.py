"""Verdicts as a person and another program read them."""
