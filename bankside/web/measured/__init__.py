"""Figures as people read them: the same sections for the page, for a report on paper and for mail."""
