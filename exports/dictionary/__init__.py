"""The data dictionary: every column of every file, generated into docs/data-dictionary.md."""
