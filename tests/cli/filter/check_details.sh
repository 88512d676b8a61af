eyas filter check --details 'proc.aname[2] = cat and proc.name contains x'
