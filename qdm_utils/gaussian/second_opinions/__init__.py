"""TODO face."""

__all__ = []
