"""Understudy: one server that stands in for the task APIs of Cotalker, Cubicl and GroupCamp."""

__version__ = "0.1.0"
