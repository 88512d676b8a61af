# upstream 2 Find AWS Credentials
/usr/bin/find /home -path "*/.aws/credentials"
/bin/grep -r aws_secret_access_key /home/ann/.aws
/bin/grep -r region /home/ann/.aws
