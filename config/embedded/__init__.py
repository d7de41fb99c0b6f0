"""A real PostgreSQL and a real Redis for the demo and the tests, started from installed wheels."""

from config.embedded.errors import EmbeddedError
from config.embedded.supervisor import Addresses, servers

__all__ = ["Addresses", "EmbeddedError", "servers"]
