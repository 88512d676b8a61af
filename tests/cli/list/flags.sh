eyas list flags lseek_whence 'flock*'
