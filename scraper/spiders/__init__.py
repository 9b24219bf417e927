"""How to find pages: Scrapy spiders, which know no site by name."""
