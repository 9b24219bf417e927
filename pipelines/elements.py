"""Elements of HTML by what they are in a body: in a line, a block, a list or a table."""

INLINE = {
    "a", "b", "cite", "code", "del", "em", "i", "img", "ins", "q", "s", "span", "strike", "strong", "sub", "sup", "u",
}  # fmt: skip
PLAIN_BLOCKS = {
    "address", "article", "aside", "center", "details", "div", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4",
    "h5", "h6", "header", "hr", "main", "nav", "p", "section", "summary",
}  # fmt: skip
LISTS = {"blockquote", "dd", "dl", "dt", "li", "ol", "pre", "ul"}
TABLES = {"caption", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
KEPT = INLINE | PLAIN_BLOCKS | LISTS | TABLES | {"br"}
