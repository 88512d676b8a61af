#!/bin/sh
# make_root.sh DIR CAPTURE ACT BUSYBOX: fills the empty directory DIR with the root of a small machine in which
# nothing is of this one: busybox, the recorder with its libraries, users and files of its own.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$1 capture=$2 act=$3 busybox=$4
cd "$root"
mkdir -p old bin sbin usr/bin usr/sbin etc dev/shm proc sys tmp run opt lab/scenarios root/.ssh root/.cache \
	home/ann/.ssh home/ann/.aws var/log var/www var/spool/cron
cp "$busybox" bin/busybox
cp "$act" bin/act
cp "$capture" lab/eyas-capture
ldd "$capture" | awk '$2 == "=>" { print $3 } $1 ~ /^\// { print $1 }' | while read -r lib; do
	mkdir -p ".${lib%/*}"
	cp -L "$lib" ".$lib"
done
for name in sh cat cp rm mv ln chmod grep true ip hostname mount mkdir mknod nc unshare umount chroot stty base64 reboot; do
	ln -s busybox bin/$name
done
for name in find id shred; do ln -s ../../bin/busybox usr/bin/$name; done
# names under which a rule lets something pass, or asks for it
for name in bin/passwd bin/ssh bin/runc bin/crontab bin/dpkg bin/cheese sbin/nginx sbin/webapp sbin/sshd sbin/useradd; do
	ln bin/act usr/$name
done
cp "$here"/*.sh lab/scenarios/
rm lab/scenarios/make_root.sh lab/scenarios/place.sh lab/scenarios/record_guest.sh
mv lab/scenarios/record.sh lab/record.sh

cat >etc/passwd <<-END
	root:x:0:0:root:/root:/bin/sh
	www-data:x:33:33:www-data:/var/www:/bin/sh
	ann:x:1000:1000:Ann:/home/ann:/bin/sh
END
printf '%s\n' root:x:0: www-data:x:33: ann:x:1000: >etc/group
printf '%s\n' 'root:!:20000::::::' 'ann:!:20000::::::' >etc/shadow
chmod 600 etc/shadow
echo '127.0.0.1 localhost lab' >etc/hosts
echo lab >etc/hostname
: >etc/crontab
echo 'sshd: session opened' >var/log/auth.log
echo id >root/.ash_history
printf '%s\n' '-----BEGIN RSA PRIVATE KEY-----' 'not one' >home/ann/.ssh/id_rsa
echo 'ssh-rsa none' >home/ann/.ssh/id_rsa.pub
printf '%s\n' '[default]' 'region = none' 'aws_secret_access_key = none' >home/ann/.aws/credentials
echo 'ssh-rsa none' >tmp/key
echo data >tmp/victim
: >dev/video0
