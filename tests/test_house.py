"""Tests of the house: what may import what, what may touch the world, what code may name, and what must be written down."""

import ast
import re
from pathlib import Path

import pytest
from conftest import REPOSITORY, text

from exo_onto.sources import read_sources
from exo_onto.vocabulary import BASE, PREFIXES

PACKAGE = REPOSITORY / "exo_onto"
MODULES = sorted(
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    for path in PACKAGE.rglob("*.py")
    if path.stem != "__init__" and "shipped" not in path.parts
)
"""All modules, those of a folder with its name before them: `commands.build`."""
PACKAGES = ("difference", "links", "quality", "tables")
"""Folders whose modules belong together, as those of a stage do."""
STAGES = (
    {"archive", "faults", "loading", "places", "sources"},
    {"agreement", "constraints", "paths", "shapes", "sparql_constraints", "violations"},
    {
        "axioms",
        "explain",
        "expressions",
        "justify",
        "coherence",
        "crossing",
        "leaves",
        "offenders",
        "plan",
        "profile",
        "reach",
        "reason",
        "rules",
        "words",
    },
    {
        "alarms",
        "answering",
        "calling",
        "connection",
        "dataset",
        "described",
        "downloads",
        "endpoint",
        "federation",
        "gate",
        "guard",
        "hidden",
        "lines",
        "metrics",
        "negotiation",
        "options",
        "outcome",
        "problems",
        "process",
        "evaluation",
        "protocol",
        "questions",
        "scope",
        "seats",
        "sending",
        "spawning",
        "serve",
        "service",
        "settings",
        "snapshot",
        "syntax",
        "translated",
        "triplestore",
        "watch",
        "workers",
        *(module for module in MODULES if module.startswith("pages.")),
    },
    *({module for module in MODULES if module.startswith(f"{package}.")} for package in PACKAGES),
)
"""The modules of each stage, which may call each other."""
COMMANDS = {module for module in MODULES if module.startswith("commands.")} | {"cli"}
"""They are tested through the command line, in the test file of what they call or in test_cli."""
KNOW_SEVERAL = COMMANDS | {
    "apart",
    "catalogue",
    "check",
    "difference.answers",
    "difference.compare",
    "difference.conclusions",
    "difference.sides",
    "judge",
    "partitions",
    "pipeline",
    "rebuilding",
    "remote",
    "tables.adding",
    "tables.exporting",
    "tables.preview",
    "why",
}
KNOW_SEVERAL |= {"pages.proofs", "quality.inspection", "quality.project"}
TOUCH_THE_WORLD = COMMANDS | {
    "alarms",
    "answering",
    "beginning",
    "catalogue",
    "difference.sides",
    "federation",
    "gate",
    "archive",
    "links.formats",
    "links.opening",
    "links.rows",
    "links.saving",
    "links.update",
    "links.validator",
    "links.whole",
    "pages.measuring",
    "pages.offers",
    "lines",
    "partitions",
    "process",
    "quality.inspection",
    "quality.project",
    "quality.reading",
    "quality.shipped",
    "quality.writing",
    "rebuilding",
    "referees",
    "serve",
    "service",
    "snapshot",
    "spool",
    "sources",
    "tables.delimited",
    "tables.files",
    "tables.packages",
    "tables.workbook",
    "triplestore",
    "watch",
}
"""The only modules that may touch files, the network, the clock or processes; `pipeline` hands paths on and takes the time."""
WORLDLY = {
    "os",
    "pathlib",
    "socket",
    "subprocess",
    "shutil",
    "tempfile",
    "time",
    "datetime",
    "random",
    "threading",
    "urllib.request",
    "httpx",
}
PLACES = {"utils", "util", "helpers", "helper", "common", "core", "models", "misc", "base"}


def tree(module: str) -> ast.Module:
    return ast.parse((PACKAGE / f"{module.replace('.', '/')}.py").read_text("utf-8"))


def own_imports(module: str) -> dict[str, set[str]]:
    """Give the modules of the package that a module imports, each with the names that it takes; none: the module itself."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith("exo_onto."):
            within = f"{node.module}.".removeprefix("exo_onto.")
            for alias in node.names:
                if f"{within}{alias.name}" in MODULES:
                    found.setdefault(f"{within}{alias.name}", set())
                elif within:
                    found.setdefault(within.removesuffix("."), set()).add(alias.name)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                assert not alias.name.startswith("exo_onto."), "say `from exo_onto import ...`"
    return found


@pytest.mark.parametrize("module", MODULES)
def test_a_module_docstring_says_what_comes_in_and_goes_out(module: str) -> None:
    said = ast.get_docstring(tree(module)) or ""
    name = module.rpartition(".")[2]
    assert said.startswith(f"{name}: ")
    assert not PLACES & set(module.split("."))


@pytest.mark.parametrize("module", [*sorted(set(MODULES) - COMMANDS), "cli"])
def test_a_module_has_a_test_file(module: str) -> None:
    assert (REPOSITORY / "tests" / f"test_{module.replace('.', '_')}.py").exists()


@pytest.mark.parametrize("module", sorted(set(MODULES) - KNOW_SEVERAL))
def test_a_stage_takes_of_another_only_types_and_constants(module: str) -> None:
    for other, names in own_imports(module).items():
        if other == "vocabulary" or any({module, other} <= stage for stage in STAGES):
            continue
        assert names, f"{module} imports {other} as a whole"
        functions = {node.name for node in tree(other).body if isinstance(node, ast.FunctionDef)}
        assert not names & functions, f"{module} takes functions of {other}: {names & functions}"


def test_there_is_no_circle_of_imports() -> None:
    graph = {module: set(own_imports(module)) for module in MODULES}
    done: set[str] = set()
    while graph:
        free = {module for module, needs in graph.items() if needs <= done}
        assert free, f"a circle among {sorted(graph)}"
        done |= free
        graph = {module: needs for module, needs in graph.items() if module not in free}


@pytest.mark.parametrize("module", MODULES)
def test_no_import_hides_in_a_function(module: str) -> None:
    for node in ast.walk(tree(module)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert not [n for n in ast.walk(node) if isinstance(n, (ast.Import, ast.ImportFrom))], node.name


@pytest.mark.parametrize("module", sorted(set(MODULES) - TOUCH_THE_WORLD))
def test_a_pure_module_does_not_touch_the_world(module: str) -> None:
    imported = {
        name
        for node in ast.walk(tree(module))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [str(node.module)])
    }
    assert not imported & (
        WORLDLY
        - (
            {"pathlib", "time"}
            if module
            in {"pipeline", "judge", "apart", "remote", "check", "why", "options", "tables.adding", "tables.preview"}
            else set()
        )
    )
    calls = {
        node.func.id
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not calls & {"open", "print", "input"}


@pytest.mark.parametrize("module", MODULES)
def test_result_types_are_frozen(module: str) -> None:
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.ClassDef):
            for decorator in node.decorator_list:
                if "dataclass" in ast.dump(decorator):
                    assert "frozen" in ast.dump(decorator), f"{module}.{node.name}"


@pytest.mark.parametrize("module", MODULES)
def test_functions_are_short(module: str) -> None:
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno <= 45, f"{module}.{node.name}"


@pytest.mark.parametrize("module", sorted(set(MODULES) - {"vocabulary"}))
def test_code_names_no_term_of_the_domain(module: str) -> None:
    texts = [
        node.value for node in ast.walk(tree(module)) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    declared = {text(triple.subject) for triple in read_sources(REPOSITORY).triples()}
    for said in texts:
        for iri in re.findall(rf"{re.escape(BASE)}[\w/-]+", said):
            assert iri in declared or iri.startswith((f"{BASE}problem", f"{BASE}snapshot", f"{BASE}graph"))


@pytest.mark.parametrize(
    "path",
    sorted((REPOSITORY / "ontology").rglob("*.ttl"))
    + sorted((REPOSITORY / "shapes").glob("*.ttl"))
    + sorted((REPOSITORY / "instances").rglob("*.ttl")),
    ids=lambda path: path.name,
)
def test_a_turtle_file_says_on_top_what_belongs_in_it_and_uses_our_prefixes(path: Path) -> None:
    content = path.read_text("utf-8")
    assert content.startswith("# ")
    assert content.endswith(".\n")
    for prefix, namespace in re.findall(r"^@prefix (\S*): <(\S+)> \.$", content, re.MULTILINE):
        assert prefix, f"{path.name} uses the empty prefix"
        assert prefix not in {"exo", "ExO", "EXO"}
        if prefix in PREFIXES:
            assert PREFIXES[prefix] == namespace


def test_every_theme_has_shapes_or_none_is_needed() -> None:
    themes = {path.stem for path in (REPOSITORY / "ontology").glob("*.ttl")}
    shapes = {path.stem for path in (REPOSITORY / "shapes").glob("*.ttl")}
    assert shapes - themes == {"names", "reporting", "inferred"}
