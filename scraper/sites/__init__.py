"""How to read a site: one file or package each, pure functions of a page; found by being here."""
