"""The libretranslate engine against a real HTTP server on this machine that speaks its protocol."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from backspeak.config import Settings
from backspeak.engines import registry
from backspeak.engines.base import Engine
from backspeak.engines.libretranslate import LibreTranslateEngine, open_engine
from backspeak.errors import EngineError, OfflineError, SettingsError

LANGUAGES = [
    {"code": "en", "name": "English", "targets": ["en", "es", "fr"]},
    {"code": "es", "name": "Spanish", "targets": ["en"]},
    {"code": "fr", "name": "French", "targets": ["en"]},
]


@dataclass
class Server:
    """Translates a text into "<target> text" and notes every request; `failures` are answered first."""

    address: str = ""
    key: str | None = None
    languages: Any = field(default_factory=lambda: LANGUAGES)
    failures: list[tuple[int, dict[str, str], str]] = field(default_factory=list)
    delay: float = 0.0
    requests: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def answer(self, path: str, request: dict[str, Any]) -> tuple[int, dict[str, str], str]:
        time.sleep(self.delay)
        self.paths.append(path)
        if self.failures:
            return self.failures.pop(0)
        if path == "/languages":
            return 200, {}, json.dumps(self.languages)
        self.requests.append(request)
        if self.key is not None and request.get("api_key") != self.key:
            return 403, {}, json.dumps({"error": "Please contact the server operator to obtain an API key"})
        texts = request["q"]
        body: dict[str, Any] = {"translatedText": [f"<{request['target']}> {text}" for text in texts]}
        if "alternatives" in request:
            # One fewer than was asked for, as a server may have.
            wanted = range(1, request["alternatives"])
            body["alternatives"] = [[f"<{request['target']}{n}> {text}" for n in wanted] for text in texts]
        return 200, {}, json.dumps(body)


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, text = state.answer(self.path, json.loads(body) if body else {})
            content = text.encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _serve

        def log_message(self, *args: Any) -> None:
            """Nothing on standard error."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    state.address = f"http://127.0.0.1:{httpd.server_address[1]}"
    yield state
    httpd.shutdown()
    httpd.server_close()
    thread.join()


@pytest.fixture
def engine(server: Server) -> Callable[..., LibreTranslateEngine]:
    return lambda **options: LibreTranslateEngine(server.address, **{"backoff": 0.01, **options})


def test_it_is_an_engine_with_the_pairs_of_the_server(engine):
    libre = engine()
    assert isinstance(libre, Engine)
    assert libre.pairs() == [("en", "es"), ("en", "fr"), ("es", "en"), ("fr", "en")]
    assert libre.supports("en", "es")
    assert not libre.supports("es", "fr")
    with pytest.raises(SettingsError, match="does not translate es-fr; it translates en-es, en-fr, es-en, fr-en"):
        libre.translate(["hola"], "es", "fr")


def test_the_registry_opens_it_by_its_address(server):
    settings = Settings(engine="libretranslate", model=server.address + "/")
    libre = registry.open_engine(settings, None)
    assert libre.translate(["A boat."], "en", "es") == [["<es> A boat."]]
    assert libre.signature() == "engine:libretranslate"


def test_texts_go_in_few_requests_and_come_back_in_order(engine, server):
    texts = [f"Boat {number}." for number in range(60)] + ["x" * 3_000, "y" * 3_000, "", "  "]
    results = engine().translate(texts, "en", "es")
    assert results[:60] == [[f"<es> Boat {number}."] for number in range(60)]
    assert results[60:] == [["<es> " + "x" * 3_000], ["<es> " + "y" * 3_000], [""], [""]]
    assert [len(request["q"]) for request in server.requests] == [25, 25, 11, 1]
    assert all(sum(map(len, request["q"])) <= 4_000 for request in server.requests)
    assert {request["format"] for request in server.requests} == {"text"}


def test_alternatives_are_asked_for_and_filled_up(engine, server):
    results = engine().translate(["A boat.", ""], "en", "es", samples=3)
    assert results == [["<es> A boat.", "<es1> A boat.", "<es2> A boat.", "<es> A boat."], [""] * 4]
    assert server.requests[0]["alternatives"] == 3


def test_markup_and_any_character_travel_unchanged(engine):
    text = "“Q&A” <b>x</b> \u202eabc\u202c 🚢 \\ \x01"
    assert engine().translate([text], "en", "es") == [[f"<es> {text}"]]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(engine, server, status):
    libre = engine()
    server.failures = [(status, {}, "busy")] * 2
    assert libre.translate(["A boat."], "en", "es") == [["<es> A boat."]]
    assert server.paths == ["/languages", "/translate", "/translate", "/translate"]


def test_retry_after_is_obeyed(engine, server):
    libre = engine()
    server.failures = [(429, {"Retry-After": "1"}, json.dumps({"error": "Slowdown"}))]
    began = time.monotonic()
    libre.translate(["A boat."], "en", "es")
    assert time.monotonic() - began >= 1.0


def test_a_server_that_stays_busy_is_given_up(engine, server):
    libre = engine(retries=2)
    server.failures = [(429, {}, json.dumps({"error": "Slowdown: 20 per 1 minute"}))] * 9
    with pytest.raises(EngineError, match=r"answered 429 \(Slowdown: 20 per 1 minute\); .* --requests-per-minute"):
        libre.translate(["A boat."], "en", "es")
    assert server.paths.count("/translate") == 3


def test_a_refusal_is_not_repeated(engine, server):
    libre = engine()
    server.failures = [(400, {}, json.dumps({"error": "Invalid request: request (4100) exceeds text limit (2000)"}))]
    with pytest.raises(EngineError, match=r"answered 400 \(Invalid request: .* text limit"):
        libre.translate(["A boat."], "en", "es")
    assert server.paths.count("/translate") == 1


def test_a_slow_server_is_not_waited_for(engine, server):
    libre = engine(retries=0, read_seconds=0.2)
    server.delay = 1.0
    began = time.monotonic()
    with pytest.raises(EngineError, match=r"127\.0\.0\.1:\d+ cannot be reached .*timed out"):
        libre.translate(["A boat."], "en", "es")
    assert time.monotonic() - began < 0.9


def test_the_rate_is_kept(server):
    now = [100.0]
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    libre = LibreTranslateEngine(server.address, requests_per_minute=30, clock=lambda: now[0], sleep=sleep)
    libre.translate(["A boat."] * 60, "en", "es")
    assert waits == [2.0, 2.0, 2.0]
    now[0] += 60
    libre.translate(["A boat."], "en", "es")
    assert waits == [2.0, 2.0, 2.0]


def test_the_key_is_sent_in_the_body_and_nowhere_else(server, monkeypatch):
    server.key = "s3cret"
    settings = Settings(engine="libretranslate", model=server.address)
    with pytest.raises(EngineError, match=r"answered 403 .*API key\); set LIBRETRANSLATE_API_KEY"):
        open_engine(settings).translate(["A boat."], "en", "es")
    monkeypatch.setenv("LIBRETRANSLATE_API_KEY", "s3cret")
    libre = open_engine(settings)
    assert libre.translate(["A boat."], "en", "es") == [["<es> A boat."]]
    assert "s3cret" not in libre.signature() + "".join(server.paths)
    server.failures = [(400, {}, json.dumps({"error": "no"}))]
    with pytest.raises(EngineError) as caught:
        libre.translate(["A boat."], "en", "es")
    assert "s3cret" not in str(caught.value)


def test_nobody_at_the_address(monkeypatch):
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(EngineError, match=rf"http://127\.0\.0\.1:{port} cannot be reached .*; is the server running"):
        LibreTranslateEngine(f"http://127.0.0.1:{port}", retries=0)


@pytest.mark.parametrize("answer", ["<html>", "{}", "[1]", '[{"code": "en"}]', '{"error": "no"}', '"x"'])
def test_another_kind_of_server_is_said_to_be_one(engine, server, answer):
    server.failures = [(200, {}, answer)]
    with pytest.raises(EngineError, match="check the address"):
        engine()


@pytest.mark.parametrize(
    "answer",
    [
        {"translatedText": ["a", "b"]},
        {"translatedText": "a"},
        {"translatedText": [1]},
        {"translatedText": ["a"], "alternatives": ["b"]},
        {"translatedText": ["a"], "alternatives": [["b"], ["c"]]},
        {},
        [],
    ],
)
def test_a_wrong_answer_is_not_taken_for_a_translation(engine, server, answer):
    libre = engine()
    server.failures = [(200, {}, json.dumps(answer))]
    with pytest.raises(EngineError, match="does not answer as LibreTranslate does"):
        libre.translate(["A boat."], "en", "es", samples=1)


def test_no_alternatives_at_all_are_made_up_for(engine, server):
    libre = engine()
    server.failures = [(200, {}, json.dumps({"translatedText": ["a"], "alternatives": []}))]
    assert libre.translate(["A boat."], "en", "es", samples=1) == [["a", "a"]]


@pytest.mark.parametrize("model", [(), ("en-es=x",), ("http://a", "http://b"), ("localhost:5000",)])
def test_the_address_must_be_one(model):
    with pytest.raises(SettingsError, match=r"--model http://localhost:5000, once"):
        open_engine(Settings(model=model))


def test_an_address_with_a_password_is_refused_without_repeating_it():
    with pytest.raises(SettingsError, match="no user and password") as caught:
        open_engine(Settings(model="http://mara:s3cret@localhost:5000"))
    assert "s3cret" not in str(caught.value)


def test_a_redirection_is_not_followed(engine, server):
    libre = engine()
    server.failures = [(302, {"Location": "http://127.0.0.1:9/translate"}, "moved")]
    with pytest.raises(EngineError, match="answered 302 and no JSON; check the address"):
        libre.translate(["A boat."], "en", "es")


def test_offline_asks_no_server(server):
    with pytest.raises(OfflineError, match="--offline is set"):
        open_engine(Settings(model=server.address, offline=True))
    assert server.paths == []
