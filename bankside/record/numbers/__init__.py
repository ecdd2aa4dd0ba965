"""The kinds of numbers that are never kept, each with its form and its check digit. Pure Python."""
