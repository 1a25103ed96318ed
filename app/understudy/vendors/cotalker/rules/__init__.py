"""What Cotalker does, one module per resource: who sees what, and what becomes of a write."""
