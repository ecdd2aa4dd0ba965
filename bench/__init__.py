"""What is promised in numbers, runnable by anyone: `python -m bench [NAME ...] [--long] [--write]`."""
