eyas events -F evt.num --events 2- traces/good/plain.scap
eyas events -F evt.num --since 2020-09-13T12:26:40.000002Z --until 2020-09-13T12:26:40.000003Z traces/good/plain.scap
