"""The only room that names concrete classes. A command takes from it what it needs, no more."""
