"""What people can do: plain functions from a message to effects and replies, no I/O."""
