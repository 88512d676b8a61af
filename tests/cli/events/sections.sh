# Numbers go on over the sections of a trace; the state does not.
eyas events -F evt.num,fd.name,proc.name traces/good/sections.scap
