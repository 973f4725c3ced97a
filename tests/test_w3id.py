"""Tests of the rules for w3id.org, in Apache as w3id.org runs it: every IRI of ours leads to the same path of our server.

A machine that lacks Apache skips them; where EXO_ONTO_REQUIRE names apache2, they fail instead.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from browsing import serving
from conftest import REPOSITORY
from pyoxigraph import NamedNode, RdfFormat, parse
from stores import free_port, program, running

from exo_onto.snapshot import Snapshot
from exo_onto.vocabulary import BASE, PREFIXES

RULES = (REPOSITORY / "deploy" / "w3id" / ".htaccess").read_text("utf-8")
PLACEHOLDER = "https://exo-onto.example.org"
MODULES = ("mpm_event", "authz_core", "rewrite", "headers")
CONFIGURATION = """
ServerRoot "{folder}"
ServerName localhost
Listen 127.0.0.1:{port}
PidFile "{folder}/apache.pid"
ErrorLog "{folder}/error.log"
{modules}
DocumentRoot "{folder}/htdocs"
<Directory "{folder}/htdocs">
    AllowOverride All
    Require all granted
</Directory>
"""


@pytest.fixture(scope="module")
def home(published: Path) -> Iterator[str]:
    """Serve the corpus, and give the address."""
    with serving(published) as address:
        yield address


@pytest.fixture(scope="module")
def w3id(home: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run Apache with our rules, and give what stands for https://w3id.org/exo-onto/."""
    apache, folder, port = program("apache2"), tmp_path_factory.mktemp("w3id"), free_port()
    place = folder / "htdocs" / "exo-onto"
    place.mkdir(parents=True)
    for parent in (place, *place.parents):  # Apache's workers run as somebody else where it is started by root
        if parent.is_relative_to(folder.parent.parent):
            parent.chmod(0o755)
    (place / ".htaccess").write_text(RULES.replace(PLACEHOLDER, home), "utf-8")
    (folder / "htdocs" / "up.txt").write_text("up\n")
    modules = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in MODULES)
    (folder / "apache.conf").write_text(CONFIGURATION.format(folder=folder, port=port, modules=modules), "utf-8")
    with running([apache, "-X", "-f", str(folder / "apache.conf")], folder, f"http://127.0.0.1:{port}/up.txt"):
        yield f"http://127.0.0.1:{port}/exo-onto/"


def led(address: str, *, accept: str = "*/*", method: str = "GET", **options: object) -> httpx.Response:
    return httpx.request(method, address, headers={"Accept": accept}, trust_env=False, **options)  # type: ignore[arg-type]


def test_the_rules_name_one_address_to_change() -> None:
    assert RULES.count(PLACEHOLDER) == 1


def test_the_folder_has_what_w3id_asks_for() -> None:
    readme = (REPOSITORY / "deploy" / "w3id" / "README.md").read_text("utf-8")
    assert readme.startswith("# exo-onto")
    assert "## Contact" in readme


@pytest.mark.parametrize(
    "path",
    [
        "",
        "study/zhu-lf-2020",
        "study/zhu-lf-2020.ttl",
        "IncreasedActivity",
        "graph/inferred",
        "2026-11-23/",
        "search?q=miR-21&lang=zh",
        "term?iri=" + quote("http://purl.obolibrary.org/obo/GO_0006915", safe=""),
        "entity/" + quote("外泌体"),
        "a%20b",
    ],
)
def test_a_path_leads_to_the_same_path(w3id: str, home: str, path: str) -> None:
    reply = led(w3id + path)
    assert reply.status_code == 303
    location = re.sub("%[0-9a-f]{2}", lambda found: found[0].upper(), reply.headers["Location"])  # RFC 3986, 6.2.2.1
    assert location == f"{home}/{path}"
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


def test_a_query_by_post_stays_one(w3id: str, home: str) -> None:
    reply = led(w3id + "sparql", method="POST", data={"query": "ASK {}"})
    assert (reply.status_code, reply.headers["Location"]) == (307, f"{home}/sparql")
    answer = led(
        w3id + "sparql",
        accept="application/sparql-results+json",
        method="POST",
        data={"query": "ASK {}"},
        follow_redirects=True,
    )
    assert answer.json()["boolean"] is True


def one_of_each_kind(corpus: Snapshot) -> list[str]:
    """Give an IRI of ours of each kind of which something is said, and a term."""
    said = {
        quad.subject.value
        for quad in corpus.store.quads_for_pattern(None, None, None, None)
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(BASE)
    }
    found: dict[str, str] = {}
    for iri in sorted(said):
        found.setdefault(iri.removeprefix(BASE).rpartition("/")[0], iri)
    return list(found.values())


def test_an_iri_of_each_kind_leads_to_its_page_and_to_its_turtle(w3id: str, corpus: Snapshot) -> None:
    iris = one_of_each_kind(corpus)
    assert {PREFIXES[kind] for kind in ("study", "entity", "mechanism", "claim", "reference", "activity")} <= {
        iri[: iri.rindex("/") + 1] for iri in iris
    }
    for iri in iris:
        address = w3id + iri.removeprefix(BASE)
        page = led(address, accept="text/html", follow_redirects=True)
        assert page.status_code == 200, (iri, page.text[:300])
        assert page.headers["Content-Type"].startswith("text/html"), iri
        turtle = led(address, accept="text/turtle", follow_redirects=True)
        assert turtle.status_code == 200, iri
        said = {triple.subject for triple in parse(turtle.content, format=RdfFormat.TURTLE)}
        assert said if iri.startswith(PREFIXES["graph"]) else NamedNode(iri) in said, iri  # a graph: what is in it
