"""One sample of every fact as it was first written, and a digest of each: a fact is for ever.

`python -m tests.record.golden` writes what is missing and never touches what is there.
"""
