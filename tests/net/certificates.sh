#!/bin/bash
# Certificates for tests, in the folder DIR:
#   ca.pem                 an authority; other-ca.pem is another one
#   good.pem  good.key     for localhost and 127.0.0.1
#   name.pem  name.key     for wrong.example
#   old.pem   old.key      for localhost, expired
#   client.pem client.key  of a client
#   certificates.sh DIR
set -euo pipefail
cd "$1"
exec 2>certificates.log

authority() {  # NAME
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
    -keyout "$1.key" -out "$1.pem" -subj "/CN=marvel test $1"
}
cat >ca.conf <<'END'
[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
END
touch index.txt

certificate() {  # NAME COMMON-NAME ALTERNATIVE-NAMES BEGIN END
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -keyout "$1.key" -out "$1.csr" -subj "/CN=$2" -addext "subjectAltName=$3"
  openssl ca -batch -config ca.conf -cert ca.pem -keyfile ca.key -notext \
    -in "$1.csr" -out "$1.pem" -startdate "$4" -enddate "$5"
}
authority ca
authority other-ca
begin=$(date -u -d '2 days ago' +%Y%m%d%H%M%SZ)
yesterday=$(date -u -d '1 day ago' +%Y%m%d%H%M%SZ)
end=$(date -u -d '30 days' +%Y%m%d%H%M%SZ)
certificate good localhost DNS:localhost,IP:127.0.0.1 "$begin" "$end"
certificate name wrong.example DNS:wrong.example "$begin" "$end"
certificate old localhost DNS:localhost,IP:127.0.0.1 "$begin" "$yesterday"
certificate client 'marvel test client' DNS:client.example "$begin" "$end"
