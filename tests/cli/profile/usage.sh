eyas profile -r rules --sort size traces/good/tiny.eyt
eyas profile -r rules --top x traces/good/tiny.eyt
eyas profile -r rules
