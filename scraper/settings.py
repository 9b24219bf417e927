"""Only what differs from Scrapy's defaults, each with why."""

from belowtheline.reading.page import MAX_BYTES

BOT_NAME = "belowtheline"
SPIDER_MODULES = ["belowtheline.scraper.spiders"]
USER_AGENT = "belowtheline (+https://pypi.org/project/belowtheline/)"  # `btl crawl` adds the contact
ROBOTSTXT_OBEY = False  # RobotsRules below obeys: Scrapy's own takes a server error for "all is allowed"
ROBOTSTXT_USER_AGENT = "belowtheline"  # the name that a robots.txt would use, without version and contact

# The crawl's memory is the archive: a kill loses nothing and a page is one transaction.
SCHEDULER = "belowtheline.scraper.frontier.Frontier"
PAGE_READER = "belowtheline.scraper.fetched.read_page"  # what a page becomes, wherever it is read
ITEM_PIPELINES = {"belowtheline.scraper.store.Store": 100}
CONCURRENT_ITEMS = 1  # one writer
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 4 * MAX_BYTES  # 5 MB keep all hosts waiting while one large page is read elsewhere
CONCURRENT_REQUESTS = 8  # hosts at a time
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # one request at a time per host
DOWNLOAD_DELAY_JITTER = 0.0  # the delay is the least time, not the mean of half and one and a half
DOWNLOAD_DELAY = 5.0  # polite by default; a site and --delay say otherwise
AUTOTHROTTLE_ENABLED = True  # a slow server is asked more slowly
AUTOTHROTTLE_START_DELAY = 0.0  # the delay above is the least it may choose

DOWNLOADER_MIDDLEWARES = {
    "belowtheline.scraper.wire.WireRecorder": 800,  # sees what the wire brought, still compressed
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,  # leads past a proxy that only all_proxy names
    "belowtheline.scraper.proxies.Proxies": 750,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,  # accepts torn gzip as a page
    "belowtheline.scraper.safety.StrictDecoder": 590,
    "belowtheline.scraper.targets.TargetRules": 50,  # before a host is asked for its robots.txt
    "belowtheline.scraper.politeness.RobotsRules": 100,
    "belowtheline.scraper.politeness.Reservations": 110,  # after robots.txt, which may refuse the file it asks for
    "belowtheline.scraper.politeness.RetryAfter": 560,  # before RetryMiddleware on the way back
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,  # a page's own markup does not steer the crawl
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # the frontier decides what is asked
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,  # nobody is logged in, nobody is tracked
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,  # no credentials
}
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.5",
    "Accept-Language": "en",
    "Accept-Encoding": "gzip",  # of what is decoded, the one encoding that always has a checksum
}
COOKIES_ENABLED = False  # see above
REFERER_ENABLED = False  # says nothing that the server needs
DOWNLOAD_FAIL_ON_DATALOSS = False  # a cut body is kept as a capture and the page fails
DOWNLOAD_MAXSIZE = MAX_BYTES  # the default of 1 GiB lets one page take 1.9 GB of memory
DOWNLOAD_WARNSIZE = 0  # the cap speaks for itself
DOWNLOAD_TIMEOUT = 60  # three minutes hold up a host for too long
DOWNLOAD_VERIFY_CERTIFICATES = True  # off by default
DOWNLOAD_HANDLERS = {
    "data": None,  # http and https only
    "file": None,
    "ftp": None,
    "s3": None,
    "http": "belowtheline.scraper.keys.SigningHandler",  # adds keys after everything that keeps or logs a request
    "https": "belowtheline.scraper.keys.SigningHandler",
}
TELNETCONSOLE_ENABLED = False  # no listening socket
REMOTE_CONTROL_ENABLED = False  # no listening socket that runs Python
LOG_LEVEL = "ERROR"  # the summary says what ended how; DEBUG costs more than parsing
LOGSTATS_INTERVAL = 0  # the progress bar does that
WARN_ON_GENERATOR_RETURN_VALUE = False  # it parses the callback's own source again for every page
RETRY_TIMES = 2
REDIRECT_MAX_TIMES = 5  # as many as RFC 9309 asks for; a loop of twenty is twenty requests for nothing
TWISTED_DNS_RESOLVER = "belowtheline.scraper.safety.AddressGuard"  # a redirect must not lead to the router
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"  # the page's own record says it
RETRY_HTTP_CODES = [500, 502, 503, 504, 522, 524, 408]  # 429 is deferred, not repeated
URLLENGTH_LIMIT = 8192  # addresses with long slugs and queries exist
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"  # said, since commands depend on it
EXTENSIONS = {"scrapy.extensions.feedexport.FeedExporter": None}  # measured to lose data silently
