"""The examiner's page: one file that checks a log, a proof or a package without us, and without a network."""
