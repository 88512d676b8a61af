eyas replay -r rules traces/bad/cut-event/cut-event.scap
