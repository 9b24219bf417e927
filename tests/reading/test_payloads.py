"""Content encodings and chunks: undone to the last byte and no further than allowed, or refused in a sentence."""

import gzip
import zlib
from collections.abc import Callable
from io import BytesIO

import brotli
import pytest
from scrapy import Request
from scrapy.http import HtmlResponse, Response

from belowtheline.reading.optout import HEAD
from belowtheline.reading.payloads import BadPayload, GzipReader, LargePayload, dechunked, decoded, head_of, zstd
from belowtheline.scraper.safety import StrictDecoder, TooLarge, TornBody

PAGE = b"".join(b"<p>Kettle %d has a lid, and no spout.</p>\n" % number for number in range(3000))
LIMIT = 1 << 20


def raw_deflate(body: bytes) -> bytes:
    packing = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packing.compress(body) + packing.flush()


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "deflate, raw": raw_deflate,
    "br": lambda body: bytes(brotli.compress(body, quality=4)),
    "zstd": zstd.compress,
}


@pytest.mark.parametrize("name", PACK)
def test_each_encoding_is_undone(name: str) -> None:
    assert decoded(PACK[name](PAGE), name.partition(",")[0], LIMIT) == PAGE


@pytest.mark.parametrize(
    ("body", "header"),
    [
        (gzip.compress(brotli.compress(PAGE)), "br, gzip"),
        (gzip.compress(brotli.compress(PAGE)), " GZIP ,BR"),  # in another order than it should be
        (brotli.compress(zlib.compress(PAGE)), "deflate, identity, br"),
        (zstd.compress(gzip.compress(PAGE)), "gzip, zstd"),
        (gzip.compress(PAGE), "x-gzip"),
        (gzip.compress(PAGE[:999]) + gzip.compress(PAGE[999:]), "gzip"),
        (zstd.compress(PAGE[:999]) + zstd.compress(PAGE[999:]), "zstd"),
        # headers that are not true
        *((PAGE, header) for header in ("gzip", "deflate", "br", "zstd", "gzip, br", "utf-8", "compress", "none")),
        *((gzip.compress(PAGE), header) for header in ("", "identity", "br", "deflate", "zstd", "utf-8", "gzip, gzip")),
        *((zstd.compress(PAGE), header) for header in ("", "gzip")),
        (gzip.compress(gzip.compress(PAGE)), "gzip"),
        *((pack(PAGE), header) for pack in PACK.values() for header in ("", "gzip", "br", "deflate", "zstd", "utf-8")),
    ],
)
def test_lists_and_untrue_headers(body: bytes, header: str) -> None:
    assert decoded(body, header, LIMIT) == PAGE


@pytest.mark.parametrize("name", PACK)
def test_no_cut_and_nothing_behind_is_accepted(name: str) -> None:
    packed, header = PACK[name](PAGE), name.partition(",")[0]
    for end in (*range(20, len(packed), len(packed) // 40), len(packed) - 1):
        with pytest.raises(BadPayload, match=r"cut|damaged|not known"):
            decoded(packed[:end], header, LIMIT)
    with pytest.raises(BadPayload, match=r"follow|damaged"):
        decoded(packed + b"\x01\x02\x03 and more \x04", header, LIMIT)
    with pytest.raises(BadPayload, match=r"follow|damaged|cut"):
        decoded(packed + bytes(9), header, LIMIT)


@pytest.mark.parametrize("name", ["gzip", "deflate"])
def test_a_flipped_bit_is_seen_where_there_is_a_checksum(name: str) -> None:
    packed = PACK[name](PAGE)
    for place in range(10, len(packed), len(packed) // 50):
        flipped = bytearray(packed)
        flipped[place] ^= 4
        with pytest.raises(BadPayload):
            decoded(bytes(flipped), name, LIMIT)


@pytest.mark.parametrize("name", PACK)
def test_a_bomb_is_left_when_it_passes_the_limit(name: str) -> None:
    bomb = PACK[name](bytes(64 * LIMIT))
    with pytest.raises(LargePayload, match=f"larger than {LIMIT} bytes") as caught:
        decoded(bomb, name.partition(",")[0], LIMIT)
    assert LIMIT < len(caught.value.head) < LIMIT + 200_000


def test_a_bomb_in_a_bomb_is_left_too() -> None:
    with pytest.raises(LargePayload):
        decoded(gzip.compress(gzip.compress(bytes(64 * LIMIT))), "gzip, gzip", LIMIT)
    with pytest.raises(BadPayload, match="encoded 6 times over"):
        decoded(b"x", "gzip," * 6, LIMIT)
    with pytest.raises(BadPayload, match="frames"):
        decoded(zstd.compress(b"") * 20_000, "zstd", LIMIT)


def test_many_small_members_cost_what_they_weigh() -> None:
    class Counted(BytesIO):
        asked = 0

        def read(self, size: int | None = -1) -> bytes:
            Counted.asked += 1
            return super().read(size)

    member = gzip.compress(b"k")
    reader = GzipReader(Counted(member * 20_000))
    parts = []
    while part := reader.read(65_536):
        parts.append(part)
    assert b"".join(parts) == b"k" * 20_000
    assert Counted.asked < len(member) * 20_000 / 65_536 + 100


def test_the_head_of_what_is_cut_or_long_is_known() -> None:
    for name, pack in PACK.items():
        header = name.partition(",")[0]
        assert head_of(pack(PAGE), header, 50, LIMIT) == PAGE[:50]
    assert head_of(gzip.compress(PAGE)[:5000], "gzip", 50, LIMIT) == PAGE[:50]
    assert head_of(gzip.compress(brotli.compress(PAGE)), "br, gzip", 50, LIMIT) == PAGE[:50]
    assert head_of(bytes(range(256)), "compress", HEAD, LIMIT) == b""


def test_chunks() -> None:
    parts = [PAGE[at : at + 4000] for at in range(0, len(PAGE), 4000)]
    body = b"".join(b"%x;name=value\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\nTrailer: x\r\n\r\n"
    assert dechunked(body) == PAGE
    assert dechunked(PAGE) == PAGE
    assert dechunked(b"Add\r\n" + PAGE) == b"Add\r\n" + PAGE
    for end in (len(body) - 40, len(body) // 2, 100):
        with pytest.raises(BadPayload, match="cut between its chunks"):
            dechunked(body[:end])


def response(body: bytes, *encodings: str) -> Response:
    headers = {"Content-Type": "text/html", "Content-Encoding": list(encodings)}
    return Response("https://kettleblog.example/", headers=headers, body=body)


def test_the_decoder_of_crawls_takes_what_no_one_asked_for() -> None:
    request = Request("https://kettleblog.example/")
    for found in (response(brotli.compress(PAGE), "br"), response(gzip.compress(brotli.compress(PAGE)), "br", "gzip")):
        taken = StrictDecoder().process_response(request, found)
        assert (taken.body, type(taken), taken.headers.get("Content-Encoding")) == (PAGE, HtmlResponse, None)
    with pytest.raises(TornBody, match="br encoding is cut"):
        StrictDecoder().process_response(request, response(brotli.compress(PAGE)[:-9], "br"))
    with pytest.raises(TooLarge):
        StrictDecoder().process_response(request, response(gzip.compress(bytes(40 << 20)), "gzip"))
