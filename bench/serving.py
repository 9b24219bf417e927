"""The server of the crawl bench, a process of its own: print the address, serve until standard input ends."""

import sys

from belowtheline.demo.server import SampleSite
from bench.pages import page_bytes

if __name__ == "__main__":
    with SampleSite(pages=page_bytes(int(sys.argv[1]))) as site:
        print(site.url, flush=True)
        sys.stdin.read()
