"""How text copied from The Register's pages is split into posts; imports reading and this site's wording."""
