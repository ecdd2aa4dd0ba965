"""Facts of the record about itself."""
