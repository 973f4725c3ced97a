"""difference: two states of the knowledge in, what changed in what is written and in what follows from it, out.

sides         a folder, snapshot, git revision or file in, what is written and inferred there out
canonical     triples in, what hangs together by blank nodes out, named by its meaning
expression    nameless things in, the words for them out
changes       two sets of such pieces in, what each thing lost and gained out
conclusions   two sides in, what follows in one only out, each with its smallest proof and its causes
answers       two sides in, the rows by which the answers to questions differ out
compare       all of these in one function: read this one first
outline       a difference in, its sections and lines for people out
written       sections in, text and Markdown out; a difference in, JSON out
"""
