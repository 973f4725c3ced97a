"""translated: a request and what sends its answer in, the same with problem documents in the client's language out.

RFC 9457, section 3.1.3: a title may be localised by content negotiation. Whoever prefers Chinese (RFC 9110, section
12.5.4) gets the title of every kind in Chinese, and of `detail` the sentences that problems.toml has; what a parser or
a store elsewhere says stays as they say it. Everything else passes through.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Scope, Send

from exo_onto.pages import languages
from exo_onto.problems import PROBLEM, PROBLEMS

_WRONG: Final = 400
"""The first status of a problem."""
_GAP: Final = re.compile(r"\\\{(\w+)\\\}")


def translating(scope: Scope, send: Send) -> Send:
    """Make what sends the answer to a request, and tells a problem in its language."""
    held: Message | None = None

    async def sent(message: Message) -> None:
        nonlocal held
        if _begins_a_problem(message):
            held = message
        elif held is None:
            await send(message)
        else:
            language = languages.chosen(None, None, Headers(scope=scope).get("accept-language"))
            body = translated(message.get("body", b""), language)
            begin, held = _begun(held, language, body), None
            await send(begin)
            await send({**message, "body": body})

    return sent


def translated(document: bytes, language: str) -> bytes:
    """Give a problem document in a language. Nothing, as HEAD has it, stays nothing."""
    if language == "en" or not document:
        return document
    said = json.loads(document)
    kind = said["type"].removeprefix(PROBLEMS)
    told = {**said, "title": _words()["titles"].get(kind, said["title"]), "detail": sentence(said["detail"])}
    return json.dumps(told, ensure_ascii=False).encode() + b"\n"


def sentence(detail: str) -> str:
    """Give a detail in Chinese, what stands in its gaps too; below its first line is what it quotes."""
    first, newline, quoted = detail.partition("\n")
    for pattern, chinese in _details():
        found = pattern.fullmatch(first)
        if found:
            return (
                chinese.format(**{name: sentence(text) for name, text in found.groupdict().items()}) + newline + quoted
            )
    return detail


def _begins_a_problem(message: Message) -> bool:
    if message["type"] != "http.response.start" or message["status"] < _WRONG:
        return False
    return Headers(raw=message["headers"]).get("content-type") == PROBLEM


def _begun(message: Message, language: str, body: bytes) -> Message:
    """Tell the language and the length; of a translation that HEAD does not see the length is not known."""
    headers = MutableHeaders(raw=list(message["headers"]))
    headers["Content-Language"] = languages.TAGS[language]
    headers.add_vary_header("Accept-Language")
    if body:
        headers["Content-Length"] = str(len(body))
    elif language != "en":
        del headers["Content-Length"]
    return {**message, "headers": headers.raw}


@cache
def _details() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((_pattern(english), _filled(english, chinese)) for english, chinese in _words()["details"].items())


def _pattern(english: str) -> re.Pattern[str]:
    return re.compile(_GAP.sub(r"(?P<\1>.+)", re.escape(english)))


def _filled(english: str, chinese: str) -> str:
    """Make a format of a sentence: one without gaps may hold a brace."""
    return chinese if _GAP.search(re.escape(english)) else chinese.replace("{", "{{").replace("}", "}}")


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(resources.files("exo_onto").joinpath("problems.toml").read_text("utf-8"))
