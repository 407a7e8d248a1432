"""Text in, findings out: normalise, fetch candidates, compare, object, decide, explain."""
