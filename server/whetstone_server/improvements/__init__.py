"""From a finding to a proven fix, and into the file."""
