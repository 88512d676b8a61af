eyas replay -r rules traces/bad/cut-event
