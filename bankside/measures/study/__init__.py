"""Questionnaires and their figures: pure Python, no Django, no database."""
