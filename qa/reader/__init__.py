"""The reader: short answers out of passages, learned."""
