eyas filter check 'proc.name = cat proc.pid'
