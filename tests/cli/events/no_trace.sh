eyas events
