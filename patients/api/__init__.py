"""The chart in the API: people, dates and delays, stays, entries."""
