"""The inputs of the scales: names, choices and ranges, said once for the API and the pages."""
