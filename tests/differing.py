"""What the tests of differences share: a small repository of signed studies, its parts, and sides over them."""

import subprocess
from contextlib import ExitStack
from pathlib import Path

from conftest import quiet

from exo_onto.difference.compare import Difference, compare
from exo_onto.difference.sides import opened

PREFIXES = """@prefix ex: <https://example.org/> .
@prefix study: <https://example.org/study/> .
@prefix claim: <https://example.org/claim/> .
@prefix activity: <https://example.org/activity/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix vann: <http://purl.org/vocab/vann/> .
"""
HEADER = """ex: a owl:Ontology ; owl:versionInfo "1" ;
    vann:preferredNamespacePrefix "ex" ; vann:preferredNamespaceUri "https://example.org/" .
"""
ONTOLOGY = """ex:Study a owl:Class ; rdfs:label "study"@en , "研究"@zh .
ex:Activity a owl:Class ; rdfs:label "activity"@en .
ex:Up a owl:Class ; rdfs:label "increase"@en ; rdfs:subClassOf ex:Activity ; owl:disjointWith ex:Down .
ex:Down a owl:Class ; rdfs:label "decrease"@en ; rdfs:subClassOf ex:Activity .
ex:Pain a owl:Class ; rdfs:label "pain"@en ; rdfs:subClassOf ex:Activity .
ex:Relief a owl:NamedIndividual ; rdfs:label "relief of pain"@en .
ex:Joy a owl:NamedIndividual ; rdfs:label "joy"@en .
ex:sees a owl:ObjectProperty ; rdfs:label "sees"@en ; owl:inverseOf ex:seenBy .
ex:seenBy a owl:ObjectProperty ; rdfs:label "seen by"@en .
ex:lowers a owl:ObjectProperty ; rdfs:label "lowers"@en .
ex:loweredBy a owl:ObjectProperty ; rdfs:label "lowered by"@en ; owl:inverseOf ex:lowers .
ex:shows a owl:ObjectProperty ; rdfs:label "shows"@en .
ex:demonstrates a owl:ObjectProperty ; rdfs:label "demonstrates"@en ; owl:propertyChainAxiom ( ex:sees ex:shows ) .
[] a owl:Class ; owl:intersectionOf ( ex:Pain ex:Down ) ;
    rdfs:subClassOf [ a owl:Restriction ; owl:onProperty ex:shows ; owl:hasValue ex:Relief ] .
[] a owl:Restriction ; owl:onProperty ex:loweredBy ; owl:someValuesFrom ex:Up ; rdfs:subClassOf ex:Down .
"""
SHAPES = """ex:StudyShape a sh:NodeShape ; sh:targetClass ex:Study ;
    sh:property [ sh:path rdfs:label ; sh:minCount 1 ; sh:message "A study has a label."@en ] .
"""
STUDY = """study:a a ex:Study ; rdfs:label "Study A"@en , "研究甲"@zh ; ex:sees activity:a-drug , activity:a-pain .
activity:a-drug a ex:Activity , ex:Up ; rdfs:label "drug (Study A)"@en .
activity:a-pain a ex:Activity , ex:Pain ; rdfs:label "pain (Study A)"@en .
"""
LOWERS = "activity:a-drug ex:lowers activity:a-pain .\n"
SOURCE = """[] a owl:Axiom ; owl:annotatedSource activity:a-drug ; owl:annotatedProperty ex:lowers ;
    owl:annotatedTarget activity:a-pain ; ex:place "page 1" ; ex:certainty "stated" .
"""
CLAIM = 'claim:one a ex:Claim ; rdfs:label "a claim"@en ; ex:claims ex:Relief .\n'
QUERY = """# title: Who shows what
# question@en: Which study demonstrates what?
# question@zh: 哪项研究证实什么？
# keywords: study, conflict

SELECT ?study ?what WHERE { ?study <https://example.org/demonstrates> ?what } ORDER BY ?study
"""


def small(home: Path, *, study: str = STUDY, more: str = "", ontology: str = ONTOLOGY, claims: str = CLAIM) -> Path:
    """Write a small root: `more` is added to the file of its study."""
    files = {
        "ontology/header.ttl": HEADER,
        "ontology/terms.ttl": ontology,
        "shapes/study.ttl": SHAPES,
        "instances/claims.ttl": claims,
        "instances/studies/a.ttl": study + more,
    }
    for name, text in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PREFIXES + text, "utf-8")
    (home / "queries").mkdir(exist_ok=True)
    (home / "queries" / "who.rq").write_text(QUERY, "utf-8")
    return home


def git(home: Path, *arguments: str) -> str:
    """Call git as somebody, and give what it says."""
    who = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", "-C", str(home), *who, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def committed(home: Path, message: str = "a commit") -> str:
    """Commit all that is there, and give the commit."""
    if not (home / ".git").exists():
        git(home, "init", "-q")
    (home / ".gitignore").write_text("/build/\n", "utf-8")
    git(home, "add", "--all")
    git(home, "commit", "-q", "--allow-empty", "-m", message)
    return git(home, "rev-parse", "HEAD")


def compared(before: Path | str, after: Path | str, *, root: Path | None = None, language: str = "en") -> Difference:
    """Compare two sides by name. What is told of places needs the folders to be there still."""
    with ExitStack() as sides:
        old, new = (sides.enter_context(opened(str(name), root, quiet)) for name in (before, after))
        return compare(old, new, language=language, progress=quiet)
