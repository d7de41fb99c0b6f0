"""The demo's data: two centres, the four published cases and today's ward."""
