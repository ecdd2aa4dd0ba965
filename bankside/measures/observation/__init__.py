"""Which networks an institution uses, found in public pages: pure Python, no Django, no database."""
