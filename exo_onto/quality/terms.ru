# What is checked: the terms and headers that the ontology's own files declare, or of these those in its namespaces.

PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX graph: <https://w3id.org/exo-onto/graph/>
PREFIX q: <urn:exo-onto:check#>

INSERT { GRAPH q:declared { ?term a ?kind } }
WHERE {
  GRAPH graph:ontology { ?term a ?kind }
  VALUES ?kind { owl:Ontology owl:Class owl:ObjectProperty owl:DatatypeProperty owl:AnnotationProperty owl:NamedIndividual }
  FILTER (isIRI(?term))
} ;

INSERT { GRAPH q:terms { ?term a ?kind } }
WHERE {
  GRAPH q:declared { ?term a ?kind }
  FILTER (!REGEX(STR(?term), "^http://www[.]w3[.]org/(1999/02/22-rdf-syntax-ns|2000/01/rdf-schema|2002/07/owl)#"))
  FILTER (
    ?kind = owl:Ontology
    || NOT EXISTS { GRAPH q:settings { q:check q:namespace ?any } }
    || EXISTS { GRAPH q:settings { q:check q:namespace ?own } FILTER (STRSTARTS(STR(?term), ?own)) }
  )
}
