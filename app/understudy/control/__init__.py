"""The control plane, `/__admin` on the main port: steers the server and its sandboxes. Knows no vendor by name."""

from understudy.control.app import control_plane

__all__ = ["control_plane"]
