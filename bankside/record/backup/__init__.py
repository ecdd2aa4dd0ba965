"""The whole desk at one moment in a file, and a desk brought back from it."""
