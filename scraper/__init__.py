"""The Scrapy project: spiders, scheduler, politeness and the store; imports everything below."""
