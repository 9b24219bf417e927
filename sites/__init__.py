"""How to read a site: a file or package each, pure functions of a page; found by being here."""
