eyas list fields --json 'user.uid' thread.cgroup
