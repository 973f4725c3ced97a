"""quality: anybody's ontology, shapes, data and questions in; what is wrong with them, graded and placed, out."""
