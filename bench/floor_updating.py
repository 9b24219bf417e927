"""The floor of updating: a bare loop of conditional requests over one connection, which keeps nothing."""

import http.client
import json
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

_TIMES = 10  # one loop is over before its time can be told from noise

if __name__ == "__main__":
    wanted = json.loads(Path(sys.argv[1]).read_text())
    parts = urlsplit(wanted[0][0])
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    statuses = []
    start = time.process_time()
    for url, tag in wanted * _TIMES:
        connection.request("GET", urlsplit(url).path, headers={"If-None-Match": tag, "Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    seconds = (time.process_time() - start) / _TIMES
    connection.close()
    assert set(statuses) == {304}
    print(seconds)
