"""pages: a desk in, what people read in a browser out: HTML in English and Chinese, and RDF of every resource.

addresses     an IRI and its page, and back
languages     which language, and every sentence in both
asking        our own queries, through the desk
names         what things are called, in both languages
finding       the search over names and identifiers
matrix, stories, resources, comparing, offers      what one kind of page shows, from rows
proofs        why something inferred holds
drawing       the matrix as CSV and SVG
writing       a view in a template
routes        requests in, pages out
"""
