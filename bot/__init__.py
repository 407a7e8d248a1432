"""Talks to the world: platforms, web, database wiring, time. The only layer that waits."""
