"""What a platform sends can neither hide, nor act, nor flood, nor leak."""

from __future__ import annotations

import subprocess
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.report.harmless import curl, harmless, harmless_url, link

ANYTHING = st.text(st.characters(codec=None), max_size=300)


@given(ANYTHING)
def test_nothing_invisible_is_left(text: str) -> None:
    shown = harmless(text)
    assert not [
        c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and c not in "\n\t"
    ]


@given(ANYTHING)
def test_visible_ascii_is_kept(text: str) -> None:
    def kept(value: str) -> str:
        return "".join(c for c in value if " " <= c <= "~")

    assert len(kept(harmless(text))) >= len(kept(text))


@given(ANYTHING)
def test_harmless_twice_is_harmless_once(text: str) -> None:
    assert harmless(harmless(text)) == harmless(text)


@pytest.mark.parametrize("code", [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0xFEFF, 0x1B, 0x00])
def test_hidden_characters_are_spelt_out(code: int) -> None:
    assert harmless(f"a{chr(code)}b") == f"a⟨U+{code:04X}⟩b"


def test_ten_megabytes_become_a_line() -> None:
    assert harmless("x" * 10_000_000, 100) == "x" * 100 + " … (10000000)"


def test_stacked_marks_are_cut() -> None:
    assert len(harmless("Z" + "\u0335\u0301\u0302" * 500)) < 20


@pytest.mark.parametrize("url", ["https://example.org/a?b=c#d", "HTTP://127.0.0.1:8080/", "https://[::1]/"])
def test_web_addresses_become_links(url: str) -> None:
    assert link(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "JaVaScRiPt:alert(1)//https://example.org",
        "data:text/html,<script>",
        "file:///etc/passwd",
        "//example.org",
        "https:///path",
        "https://example.org/\u202e",
        'https://example.org/"onclick="x',
        "https://example.org/\njavascript:x",
        "https://" + "a" * 3000,
        "https://[::1",
        "",
    ],
)
def test_other_addresses_do_not(url: str) -> None:
    assert link(url) is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://anna:geheim@example.org/x", "https://***@example.org/x"),
        ("https://example.org/?api_key=geheim&f=json", "https://example.org/?api_key=***&f=json"),
        (
            "https://example.org/?f=json&access_token=geheim#x",
            "https://example.org/?f=json&access_token=***#x",
        ),
        ("https://example.org/?nextToken=17&limit=2", "https://example.org/?nextToken=17&limit=2"),
        ("https://example.org/@user?mail=a@b", "https://example.org/@user?mail=a@b"),
    ],
)
def test_secrets_in_addresses_are_removed(url: str, shown: str) -> None:
    assert harmless_url(url) == shown


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=80), ANYTHING)
def test_curl_line_is_one_safe_command(path: str, value: str) -> None:
    request: dict[str, Any] = {
        "method": "GET",
        "url": f"https://example.org/{path}",
        "headers": [["Accept", harmless(value)]],
    }
    command = curl(request)
    if link(request["url"]) is None:
        assert command is None
    else:
        assert command is not None
        script = f"curl() {{ printf '%s\\n' \"$@\"; }}\n{command}"
        shell = subprocess.run(["sh", "-c", script], capture_output=True, check=True, text=True, env={})
        words = shell.stdout.splitlines()
        assert words[:3] == ["--globoff", "--include", "--header"]
        assert words[3].startswith("Accept:")
        assert words[4:] == [request["url"]]


def test_curl_ignores_what_is_no_header_name() -> None:
    request = {
        "method": "GET",
        "url": "https://example.org/",
        "headers": [["@/etc/passwd", "x"], ["A b", "y"]],
    }
    assert curl(request) == "curl --globoff --include \\\n  https://example.org/"


def test_curl_names_other_methods() -> None:
    post = {"method": "POST", "url": "https://example.org/", "headers": []}
    head = {"method": "HEAD", "url": "https://example.org/", "headers": []}
    odd = {"method": "GET; rm -rf /", "url": "https://example.org/", "headers": []}
    assert "--request POST" in (curl(post) or "")
    assert "--head" in (curl(head) or "")
    assert curl(odd) is None
