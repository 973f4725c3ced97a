// completion: prefixes and terms in, YASQE's completers out. Terms are asked of the store once, when first needed.

const MOST = 50; // suggestions at a time

const CLASSES = `PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX void: <http://rdfs.org/ns/void#>
SELECT ?term ?label ?uses WHERE {
  { SELECT DISTINCT ?term WHERE { { ?term a owl:Class } UNION { ?part void:class ?term } FILTER (isIRI(?term)) } }
  OPTIONAL { ?term rdfs:label ?label }
  OPTIONAL { ?part void:class ?term ; void:entities ?uses }
}`;
const PROPERTIES = `PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX void: <http://rdfs.org/ns/void#>
SELECT ?term ?label ?uses WHERE {
  {
    SELECT DISTINCT ?term WHERE {
      { ?term a ?kind FILTER (?kind IN (owl:ObjectProperty, owl:DatatypeProperty, owl:AnnotationProperty)) }
      UNION { ?part void:property ?term }
      FILTER (isIRI(?term))
    }
  }
  OPTIONAL { ?term rdfs:label ?label }
  OPTIONAL { ?part void:property ?term ; void:triples ?uses }
}`;

/** Give what to change of YASQE's completers of prefixes, properties and classes: where one completes stays theirs. */
export function completers(told, endpoint) {
  const { prefixes, lang } = told;
  const lines = Object.entries(prefixes).map(([prefix, namespace]) => `${prefix}: <${namespace}>`);
  return [
    { name: "prefixes", persistenceId: null, get: () => lines.sort() },
    termCompleter("property", once(() => terms(endpoint, PROPERTIES, lang)), told),
    termCompleter("class", once(() => terms(endpoint, CLASSES, lang)), told),
  ];
}

function once(make) {
  let made;
  return () => (made ??= make().catch((error) => ((made = undefined), Promise.reject(error))));
}

/** Ask for terms, each with its labels in both languages and how often it is used in the largest of its parts. */
async function terms(endpoint, query, lang) {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: { Accept: "application/sparql-results+json" },
    body: new URLSearchParams({ query }),
  });
  if (!response.ok) throw new Error(`The store gave no terms to complete with: ${response.status}`);
  const found = new Map();
  for (const row of (await response.json()).results.bindings) {
    const iri = row.term.value;
    const term = found.get(iri) ?? { iri, labels: {}, uses: 0 };
    if (row.label) term.labels[(row.label["xml:lang"] ?? "").slice(0, 2)] ??= row.label.value;
    term.uses = Math.max(term.uses, Number(row.uses?.value ?? 0));
    found.set(iri, term);
  }
  const collator = new Intl.Collator(lang);
  return [...found.values()].sort((a, b) => b.uses - a.uses || collator.compare(named(a, lang), named(b, lang)));
}

function named(term, lang) {
  return term.labels[lang] ?? term.labels.en ?? term.labels[""] ?? "";
}

/** Find terms whose address goes on as typed, or of whose labels a word does. */
function matching(all, typed, word) {
  const sought = word.toLocaleLowerCase();
  const byName = all.filter((term) => term.iri.startsWith(typed));
  const byLabel = sought
    ? all.filter((term) => Object.values(term.labels).some((label) => hasWord(label.toLocaleLowerCase(), sought)))
    : [];
  return [...new Set([...byName, ...byLabel])].slice(0, MOST);
}

function hasWord(label, sought) {
  return label.startsWith(sought) || label.includes(` ${sought}`) || /\p{Script=Han}/u.test(sought) && label.includes(sought);
}

function termCompleter(name, all, { prefixes, lang }) {
  let offered = new Map();
  return {
    name,
    bulk: false,
    preProcessToken: (yasqe, token) => ({ ...token, ...typed(yasqe, { ...prefixes, ...yasqe.getPrefixesFromQuery() }) }),
    get: async (yasqe, token) => {
      const found = matching(await all(), token.autocompletionString, token.word);
      const known = { ...prefixes, ...yasqe.getPrefixesFromQuery() };
      offered = new Map(found.map((term) => [shortened(term.iri, known), term]));
      return [...offered.keys()];
    },
    postProcessSuggestion: (_, __, suggestion) => suggestion,
    postprocessHints: (_, hints) => hints.map((hint) => ({ ...hint, render: drawn(offered.get(hint.text), lang) })),
  };
}

/** Write a suggestion as its name and its labels. */
function drawn(term, lang) {
  return (element, _, hint) => {
    const label = document.createElement("span");
    label.className = "hint-label";
    const { [lang]: own, ...others } = term?.labels ?? {};
    label.textContent = [own, ...Object.values(others)].filter(Boolean).join(" · ");
    element.append(hint.text, " ", label);
  };
}

/** Read what stands before the cursor: where it begins, the address that it begins, the word by which labels are sought. */
function typed(yasqe, prefixes) {
  const cursor = yasqe.getDoc().getCursor();
  const before = yasqe.getDoc().getLine(cursor.line).slice(0, cursor.ch);
  const [text] = /(<[^>\s]*|[^\s{}()[\].,;|/^!?$"'<>]*)$/u.exec(before); // not YASQE's token: `apop` is `a` and `pop` to it
  const [, prefix, local] = /^([^:/<]*):(.*)$/.exec(text) ?? [];
  const address = prefix !== undefined && prefix in prefixes ? prefixes[prefix] + local : text.slice(1);
  return {
    from: { ch: cursor.ch - text.length },
    to: { ch: cursor.ch },
    autocompletionString: text.startsWith("<") || prefix !== undefined ? address : "\0",
    word: local ?? (text.startsWith("<") ? "" : text),
  };
}

function shortened(iri, prefixes) {
  for (const [prefix, namespace] of Object.entries(prefixes)) {
    const local = iri.slice(namespace.length);
    if (iri.startsWith(namespace) && /^[\p{L}\d_]([\p{L}\d_-]*[\p{L}\d_-])?$/u.test(local)) return `${prefix}:${local}`;
  }
  return `<${iri}>`;
}
