"""What GroupCamp does, one file per matter; `access.py` says what can be retrieved at all."""
