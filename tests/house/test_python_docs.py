"""docs/python.md: its examples run as they stand, one after the other, and print what stands below them."""

import re
from pathlib import Path
from typing import Any

import pytest

_PAGE = Path(__file__).parents[2] / "docs" / "python.md"
_BLOCK = re.compile(r"^```(python|text)\n(.*?)^```$", re.DOTALL | re.MULTILINE)

pytestmark = pytest.mark.checkout


def test_the_examples_print_what_stands_below_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pandas", reason="pandas is not installed: pip install 'belowtheline[test]'")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "__main__"}
    printed = []
    blocks = _BLOCK.findall(_PAGE.read_text())
    for language, text in blocks:
        if language == "python":
            exec(compile(text, "docs/python.md", "exec"), names)
            out, err = capfd.readouterr()
            assert err == ""
            printed.append(out)
    names["sample"].__exit__()
    assert printed == [text for language, text in blocks if language == "text"]
