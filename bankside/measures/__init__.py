"""COUNT: which network serves what, how well, and who uses what; every number traceable to facts."""
