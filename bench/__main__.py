"""`python -m bench`: sets Django up, then measures."""

import os
import sys
from importlib import import_module

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# A line of log per request would drown the table.
os.environ.setdefault("LOG_LEVEL", "WARNING")
django.setup()
sys.exit(import_module("bench.command").main(sys.argv[1:]))
