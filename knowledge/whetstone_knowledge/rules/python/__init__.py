"""Rules for Python code, one file each, named for what they find."""
