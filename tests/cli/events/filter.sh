# All words behind the trace are the filter.
eyas events -p '*%evt.num %evt.type' traces/good/plain.scap evt.type in '(read,' 'close)'
eyas events -p '*%evt.num %evt.type' traces/good/plain.scap 'fd.name startswith /etc and not evt.type=close'
