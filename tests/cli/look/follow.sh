# One stream over dup and fork, both directions, with what is missing; text, hexadecimal, bytes.
t=tests/cli/look/talk.eyt
eyas follow --fd 11:7 $t
eyas follow --fd 11:7 --hex $t
eyas follow --conn :80 --raw --reads $t | od -c
eyas follow --conn 203.0.113.80:80 --writes $t
eyas follow --conn '192.0.2.10:44200->203.0.113.80:80' --events 26- $t
eyas follow --conn 203.0.113.81 --conn 127.0.0.1:80 $t
eyas follow $t fd.name=/tmp/other
