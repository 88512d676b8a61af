# eyas 1 Program run from memory
# upstream 1 Fileless execution via memfd_create
/bin/act memfd /bin/act true
