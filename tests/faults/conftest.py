"""Figures of the attacks, printed at the end of a run: docs/trust.md keeps those of the last one."""

from collections.abc import Callable, Iterator

import pytest

from tests.faults.crawling import SINGLE, Server, slow_answers, state
from tests.faults.faulty import path_of
from tests.loopback import Loopback, btl

Figure = Callable[[str], None]

_FIGURE = "figure"


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Figure:
    """Keep a line of figures to be printed when all tests have ended, wherever they run."""
    properties = request.node.user_properties
    return lambda line: properties.append((_FIGURE, line))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures."""
    lines = [
        value
        for report in terminalreporter.getreports("passed")
        for name, value in report.user_properties
        if name == _FIGURE and report.when == "call"
    ]
    if lines:
        terminalreporter.section("figures")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of four threads, and a crawl of them."""
    with Loopback() as loopback:
        loopback.answers = slow_answers()
        urls = [loopback.url(path_of(name)) for name in ("numbered", *SINGLE)]
        server = Server(loopback, (*urls, "--site", "theregister", "--delay", "0"))
        archive = tmp_path_factory.mktemp("unharmed") / "a.db"
        ended = btl("crawl", archive, *server.arguments)
        assert ended.code == 0, ended.err
        server.unharmed, server.seconds = state(archive), ended.seconds
        yield server
