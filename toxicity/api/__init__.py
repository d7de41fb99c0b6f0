"""The scales in the API."""
