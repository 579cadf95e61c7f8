"""Findings as a person, a code host and another program read them."""
