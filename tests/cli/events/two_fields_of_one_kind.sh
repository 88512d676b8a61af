# A filter and a line that use evt.deltatime have a memory each.
eyas events -p '%evt.num %evt.deltatime' traces/good/plain.scap 'evt.deltatime >= 0'
