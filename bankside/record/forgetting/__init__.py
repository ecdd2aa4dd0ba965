"""Erasing, holding, restricting and expiring words: what is decided, and what follows from it."""
