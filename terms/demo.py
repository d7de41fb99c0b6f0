"""What the public demo makes known to everybody."""

DEMO_PASSWORD = "percorso-demo"  # noqa: S105 - printed where the demo starts; production refuses it
