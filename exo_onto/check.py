"""check: a root folder in, a `Judgement` by every standard out: ours, the referees', the profiles', the questions'.

What a build needs is judged by `pipeline.judge`. Here the tools that the field trusts go over the same sources and must
come to the same result, triple for triple; and the knowledge must hold under the axioms of ontology/strict/ too.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pyoxigraph import Store, Triple

from exo_onto import agreement, closure, pipeline, questions, referees, render, rules, sources
from exo_onto.closure import Derivation
from exo_onto.coherence import tried
from exo_onto.dataset import AnyStore
from exo_onto.diagnose import Diagnostic
from exo_onto.expressions import Axiom
from exo_onto.faults import FaultySourcesError
from exo_onto.judge import THEORY, Judgement, Progress, judge, look, part_shapes, timed, unread
from exo_onto.links import status
from exo_onto.places import Place
from exo_onto.profile import departures
from exo_onto.quality.answers import Expected, Given, compare
from exo_onto.referees import RefereeError
from exo_onto.sources import Sources
from exo_onto.validate import Result, Severity
from exo_onto.vocabulary import ASSERTED_GRAPHS, GRAPH_INFERRED, compact

PROFILES: Final = ("DL", "RL")
"""The profiles of OWL 2 that the ontology and the data keep to, both at once."""

MOST_FOR_OWLRL: Final = 500
"""Up to how many asserted triples owlrl is heard too: it takes a minute for some thousands."""

_WITHIN: Final = "Say it within the profile."

_BEYOND: Final = "An editor such as Protege shows why, with HermiT as its reasoner."

_DATATYPE: Final = "#DatatypeConstraintComponent"
_LIMITS: Final = ("clusiveConstraintComponent",)

_MEANINGLESS: Final = frozenset({"contradiction", "incoherent", "shapes", "syntax", "uncompiled"})
"""The codes of what leaves nothing to be judged further."""

_MOST_DIFFERENCES: Final = 20
"""How many triples that only one of two engines has are told, of each."""


@dataclass(frozen=True)
class Demands:
    """What is asked of sources besides what a build needs.

    `queries` is the folder of the questions, each of which must answer, and `expected` that of their answers.
    Files of both are told relative to `root`. `tolerant`: axioms outside OWL 2 RL are warned of and left out, and a
    question needs no header.
    """

    queries: Path | None = None
    expected: Path | None = None
    referees: bool = True
    profiles: tuple[str, ...] = PROFILES
    tolerant: bool = False
    root: Path | None = None


def check(root: Path, *, queries: Path | None = None, progress: Progress = print) -> Judgement:
    """Judge the sources as a build does, and by the profiles of OWL 2, the stricter axioms and the questions besides.

    `queries` is the folder of the questions, each of which must answer.
    """
    try:
        read = look(root, progress)
    except FaultySourcesError as error:
        return unread(error)
    return examine(read, Demands(queries), progress=progress)


def examine(read: Sources, demands: Demands, *, progress: Progress = print) -> Judgement:
    """Judge sources that were read, by all that is demanded."""
    judgement = judge(read, tolerant=demands.tolerant, progress=progress)
    wrong: tuple[Diagnostic, ...] = ()
    answered = 0
    if judgement.store is not None:
        wrong += _second_opinions(read, judgement, judgement.store, demands, progress)
    if demands.referees and not wrong and not _MEANINGLESS & {each.code for each in judgement.diagnostics}:
        with timed(judgement.seconds, "strict axioms", progress):
            wrong += _judge_strictly(read)
    if judgement.store is not None and not demands.tolerant:
        with timed(judgement.seconds, "links", progress):
            wrong += _judge_links(read, judgement.store, demands.queries)
    if demands.queries is not None and judgement.sound and judgement.store is not None:
        with timed(judgement.seconds, "questions", progress):
            if demands.expected is not None:
                # a build stores the proofs, and a question may ask for them
                judgement.store.bulk_extend(pipeline.proofs(judgement.store, judgement.rules))
            answered, faults = check_questions(
                demands.queries,
                judgement.store,
                expected=demands.expected,
                headed=not demands.tolerant,
                root=demands.root,
            )
        wrong += faults
    return replace(judgement, diagnostics=(*judgement.diagnostics, *wrong), answered=answered)


def _judge_links(read: Sources, store: Store, queries: Path | None) -> tuple[Diagnostic, ...]:
    """See that the identifiers of others that are used exist, and mean what they are used for."""
    try:
        texts = sources.read_texts(queries, ".rq") if queries is not None else ()
    except FaultySourcesError:
        texts = ()  # told where the questions are put
    named = tuple((f"{queries.name}/{name}.rq", text) for name, text in texts) if queries is not None else ()
    return status.diagnostics(status.examine(read, store, questions=named), read, named)


def _second_opinions(
    read: Sources, judgement: Judgement, store: Store, demands: Demands, progress: Progress
) -> tuple[Diagnostic, ...]:
    """Hear the referees, the checker of profiles, and whether ontology and shapes speak of the same."""
    wrong: tuple[Diagnostic, ...] = ()
    if demands.referees:
        with timed(judgement.seconds, "referees", progress), ThreadPoolExecutor(max_workers=1) as background:
            reasoned = background.submit(_hear_referee, read)  # HermiT runs in a process of its own
            wrong += _compare_reports(read, judgement, store)
            wrong += _compare(read, judgement, store, reasoned.result())
    if demands.profiles:
        with timed(judgement.seconds, "profiles", progress):
            wrong += _judge_profiles(read, demands.profiles, tolerant=demands.tolerant)
    if not demands.tolerant or (read.shapes and _has_theory(store)):
        with timed(judgement.seconds, "agreement", progress):
            wrong += _judge_agreement(read, store, tolerant=demands.tolerant)
    return wrong


def _has_theory(store: Store) -> bool:
    return any(True for graph in THEORY for _ in store.quads_for_pattern(None, None, None, graph))


def check_questions(
    folder: Path,
    store: AnyStore,
    *,
    expected: Path | None = None,
    headed: bool = True,
    root: Path | None = None,
) -> tuple[int, tuple[Diagnostic, ...]]:
    """Put every question of a folder to a store. Gives how many answer, and what is wrong with the others.

    `expected` is the folder of the answers that are expected; `headed`: each question must have its header. Files are
    told relative to `root`, by default what the folder lies in.
    """
    home = root or folder.parent
    try:
        texts = sources.read_texts(folder, ".rq")
    except FaultySourcesError as error:
        return 0, unread(error).diagnostics
    faults: list[Diagnostic] = []
    for name, text in texts:
        place = Place(_below(folder / f"{name}.rq", home))
        try:
            query = questions.parse_question(name, text).text if headed else text
            answer = questions.ask(store, query)
        except questions.QuestionError as error:
            where = _within(place, str(error))
            faults.append(Diagnostic("question", Severity.VIOLATION, str(error), where, "Mend the query.", (name,)))
            continue
        if expected is not None:
            faults += _as_expected(Given(name, query, answer, *_rows(answer)), expected, home, place)
    unanswered = len(faults) - sum(each.code == "unanswered" for each in faults)
    if expected is not None:
        faults += _orphans(expected, home, {name for name, _ in texts})
    return len(texts) - unanswered, tuple(faults)


def _within(place: Place, said: str) -> Place:
    """Give the line and the column that are told of a query."""
    found = _LINE_TOLD.search(said)
    return Place(place.file, int(found[1]), int(found[2])) if found else place


def _rows(answer: questions.Answer | questions.AnswerGraph) -> tuple[list[list[str]], list[list[str]]]:
    if isinstance(answer, questions.AnswerGraph):
        return [], []
    return render.rows_of(answer, iris=False), render.rows_of(answer, iris=True)


_LINE_TOLD: Final = re.compile(r"\bLine (\d+), column (\d+)")
_ANSWERS: Final = (".csv", ".tsv", ".ttl")


def _as_expected(given: Given, folder: Path, home: Path, place: Place) -> tuple[Diagnostic, ...]:
    file = next((each for suffix in _ANSWERS if (each := folder / f"{given.name}{suffix}").is_file()), None)
    if file is None:
        what = f"The question {given.name} has no expected answer in {_below(folder, home)}/."
        remedy = f"Look at its answer, and write it there: exo-onto query {given.name} --format csv."
        return (Diagnostic("unanswered", Severity.INFO, what, place, remedy, (given.name,)),)
    try:
        return compare(given, Expected(_below(file, home), sources.read_text(file)))
    except FaultySourcesError as error:
        return unread(error).diagnostics


def _orphans(folder: Path, home: Path, names: set[str]) -> Iterator[Diagnostic]:
    """Tell of answers to questions that are not there."""
    for path in sorted(folder.iterdir()):
        if path.suffix in _ANSWERS and path.stem not in names:
            what = f"This is the expected answer to a question {path.stem}, which there is not."
            place = Place(_below(path, home), 1)
            yield Diagnostic("orphaned-answer", Severity.WARNING, what, place, "Rename or remove it.", (path.stem,))


def _below(path: Path, root: Path) -> str:
    """Give a path relative to the root where it is within."""
    whole = path.resolve()
    return whole.relative_to(root.resolve()).as_posix() if whole.is_relative_to(root.resolve()) else str(path)


def _hear_referee(read: Sources) -> Derivation | RefereeError:
    """Let HermiT reason over the same sources."""
    try:
        return referees.hermit(tuple(read.triples()))
    except RefereeError as error:
        return error


def _compare(
    read: Sources, judgement: Judgement, store: Store, heard: Derivation | RefereeError
) -> tuple[Diagnostic, ...]:
    """Hold our rules against HermiT: consistency, unsatisfiable classes, and every triple about named individuals."""
    codes = {diagnostic.code for diagnostic in judgement.diagnostics}
    if isinstance(heard, RefereeError):
        return () if "uncompiled" in codes else (_refused(heard),)
    if "uncompiled" in codes:
        return _heard_beyond(read, heard, codes)
    if heard.consistent is ("contradiction" in codes):
        said = "consistent" if heard.consistent else "inconsistent"
        return (_disagree(f"HermiT calls the knowledge {said}, our rules do not."),)
    if bool(heard.unsatisfiable) is not ("incoherent" in codes):
        names = ", ".join(compact(name.value) for name in heard.unsatisfiable) or "no class"
        return (_disagree(f"HermiT calls {names} unsatisfiable; our rules do not agree."),)
    if not heard.consistent or heard.unsatisfiable:
        return ()
    triples = (quad.triple for quad in store.quads_for_pattern(None, None, None, GRAPH_INFERRED))
    inferred, asserted = tuple(triples), tuple(read.triples())
    found = _differ("HermiT", closure.compare(asserted, inferred, heard.triples))
    return found + (_compare_small(asserted, inferred) if len(asserted) <= MOST_FOR_OWLRL else ())


def _heard_beyond(read: Sources, heard: Derivation, codes: set[str]) -> tuple[Diagnostic, ...]:
    """Tell what HermiT concludes from axioms that our rules leave out."""
    if not heard.consistent and "contradiction" not in codes:
        what = "HermiT calls the knowledge inconsistent, by axioms that are not compiled."
        return (Diagnostic("inconsistent", Severity.VIOLATION, what, None, _BEYOND, ("inconsistent",)),)
    return tuple(
        Diagnostic(
            "incoherent",
            Severity.VIOLATION,
            f"The class {compact(name.value)} can have no member, says HermiT, by axioms that are not compiled.",
            read.place_of(name.value),
            _BEYOND,
            (name.value,),
        )
        for name in heard.unsatisfiable
        if "incoherent" not in codes
    )


def _compare_small(asserted: Iterable[Triple], inferred: Iterable[Triple]) -> tuple[Diagnostic, ...]:
    told = tuple(asserted)
    try:
        return _differ("owlrl", closure.compare(told, inferred, referees.owlrl(told)))
    except RefereeError as error:
        return (_disagree(f"{error}; our rules do not agree."),)


def _differ(referee: str, difference: closure.Disagreement) -> tuple[Diagnostic, ...]:
    ours, theirs = (sorted(map(str, triples))[:_MOST_DIFFERENCES] for triples in (difference.ours, difference.theirs))
    told = [f"only our rules infer {each}" for each in ours] + [f"only {referee} infers {each}" for each in theirs]
    return tuple(_disagree(f"The reasoners disagree: {each}.") for each in told)


def _compare_reports(read: Sources, judgement: Judgement, store: Store) -> tuple[Diagnostic, ...]:
    """Hold our validation against pySHACL's, result for result: of what is written, and of what follows."""
    if _MEANINGLESS & {diagnostic.code for diagnostic in judgement.diagnostics}:
        return ()
    written, entailed = part_shapes(read.shapes)
    asserted = tuple(quad.triple for quad in store if quad.graph_name in ASSERTED_GRAPHS)
    everything = tuple(quad.triple for quad in store)
    try:
        reports = (referees.pyshacl(asserted, written), referees.pyshacl(everything, entailed))
    except RefereeError as error:
        return (_refused_shapes(error),)
    found = tuple(result for report in reports for result in report.results)
    ours, theirs = disagreement(judgement.report.results, found)
    told = [f"only our validation gives {each}" for each in ours] + [f"only pySHACL gives {each}" for each in theirs]
    return tuple(_disagree(f"The validators disagree: {each}.") for each in told[: 2 * _MOST_DIFFERENCES])


def disagreement(ours: Iterable[Result], theirs: Iterable[Result]) -> tuple[list[Result], list[Result]]:
    """Give the results that only we have, and those that only pySHACL has.

    pySHACL compares values that SPARQL does not (a year with a number), so a limit that is not met by a value of a
    wrong datatype is not held against us.
    """
    one, other = Counter(ours), Counter(theirs)
    wrong = {(each.focus, each.path, each.value) for each in one if each.component.endswith(_DATATYPE)}
    only_ours = [
        each
        for each in (one - other).elements()
        if not each.component.endswith(_LIMITS) or (each.focus, each.path, each.value) not in wrong
    ]
    return sorted(only_ours, key=str), sorted((other - one).elements(), key=str)


def _refused_shapes(error: RefereeError) -> Diagnostic:
    return Diagnostic("shapes", Severity.VIOLATION, str(error), None, "Mend the shapes; ours accepts them.")


def _disagree(what: str) -> Diagnostic:
    remedy = "This is a mistake in exo-onto or in a referee: report it, with the sources that show it."
    return Diagnostic("referees", Severity.VIOLATION, what, None, remedy)


def _refused(error: RefereeError) -> Diagnostic:
    remedy = "Keep to the constructs and datatypes of OWL 2 DL that HermiT knows; years are integers, not dates."
    return Diagnostic("reasoner", Severity.VIOLATION, f"HermiT refuses the ontology: {error}", None, remedy)


def _judge_profiles(read: Sources, profiles: tuple[str, ...], *, tolerant: bool) -> tuple[Diagnostic, ...]:
    triples = tuple(read.triples())
    level = Severity.WARNING if tolerant else Severity.VIOLATION
    missed = tuple(
        Diagnostic("profile", level, f"Not in OWL 2 DL: {each.what}.", _place(read, each.axiom), _WITHIN)
        for each in departures(triples)
        if "DL" in profiles
    )
    try:
        found = [(profile, each) for profile in profiles for each in referees.profile_violations(triples, profile)]
    except RefereeError as error:
        return (*missed, Diagnostic("profile", level, str(error), None, _WITHIN))
    return missed + tuple(
        Diagnostic("profile", level, f"Not in OWL 2 {profile}: {violation}", None, _WITHIN)
        for profile, violation in found
    )


def _place(read: Sources, axiom: Axiom) -> Place | None:
    subject, predicate, value = (str(getattr(term, "value", term)) for term in axiom)
    return read.place_of(subject, predicate, value) or read.place_of_axiom_like(predicate, value)


def _judge_agreement(read: Sources, store: Store, *, tolerant: bool) -> tuple[Diagnostic, ...]:
    """See that ontology and shapes speak of the same things, and that no shape demands the impossible."""
    theory = [quad for graph in THEORY for quad in store.quads_for_pattern(None, None, None, graph)]
    try:
        axioms = (quad.triple for quad in theory)
        compiled = rules.compile_within(axioms).rules if tolerant else rules.compile_rules(axioms)
    except rules.UncompilableError:
        return ()

    def contradicts(facts: list[Triple]) -> bool:
        return bool(tried(theory, facts, compiled))

    shapes = [triple for file in read.shapes for triple in file.triples]
    found = agreement.drifts((quad.triple for quad in theory), shapes, contradicts)
    remedy = "Change the shape or the ontology, so that they speak of the same."
    level = Severity.WARNING if tolerant else Severity.VIOLATION
    return tuple(Diagnostic("agreement", level, f"{each.what}.", _place_of_drift(read, each), remedy) for each in found)


def _place_of_drift(read: Sources, drift: agreement.Drift) -> Place | None:
    predicate, value = drift.predicate.value, str(getattr(drift.value, "value", drift.value))
    found = read.place_of_axiom_like(predicate, value)
    return found or read.place_of(str(getattr(drift.subject, "value", drift.subject)), predicate, value)


def _judge_strictly(read: Sources) -> tuple[Diagnostic, ...]:
    """Reason once more with the axioms of ontology/strict/, for consistency alone; by HermiT, as they leave RL."""
    if not read.strict:
        return ()
    triples = (*read.triples(), *(triple for file in read.strict for triple in file.triples))
    try:
        consistent = referees.hermit(triples, values=False).consistent
    except RefereeError as error:
        return (_refused(error),)
    if consistent:
        return ()
    what = "With the domains, ranges and disjointness of RO and BFO added, the knowledge is inconsistent."
    remedy = "Look for a property whose subject or object is of the wrong kind, a material where a process is meant."
    return (Diagnostic("strict", Severity.VIOLATION, what, Place(read.strict[0].path), remedy),)
