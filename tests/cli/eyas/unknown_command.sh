eyas nosuch
