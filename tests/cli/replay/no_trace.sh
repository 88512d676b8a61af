eyas replay -r rules
