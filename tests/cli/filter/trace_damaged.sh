eyas filter eval --trace traces/bad/cut-event/cut-event.scap 'evt.num < 3'
