"""Packages of entries as people read them: words in their language, the job that makes one, the file."""
