"""Writers: from rows to the text or bytes of a file, one module per format."""
