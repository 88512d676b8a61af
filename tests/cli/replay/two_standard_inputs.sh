eyas replay -r rules - -
