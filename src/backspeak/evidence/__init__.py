"""Evidence: everything that can be known of a segment before it is judged (see collector.py)."""
