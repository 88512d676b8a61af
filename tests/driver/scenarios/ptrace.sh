# upstream 1 PTRACE attached to process
# upstream 1 PTRACE anti-debug attempt
/bin/act attach
/bin/act traceme
