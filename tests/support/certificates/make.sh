#!/usr/bin/env bash
# Makes the certificates of the tests anew, each with its key; they are valid for a hundred years. Needs OpenSSL 3.
set -euo pipefail
cd "$(dirname "$0")"
DAYS=36500

key() { openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$1.key"; }

# root NAME
root() {
  key "$1"
  openssl req -x509 -new -key "$1.key" -days $DAYS -subj "/CN=fw-dns test $1" -out "$1.pem" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
}

# issue NAME ISSUER SUBJECT EXTENSIONS [x509 OPTIONS]
issue() {
  local name=$1 issuer=$2 subject=$3 extensions=$4
  shift 4
  key "$name"
  openssl req -new -key "$name.key" -subj "/CN=$subject" |
    openssl x509 -req -CA "$issuer.pem" -CAkey "$issuer.key" -set_serial "0x$(openssl rand -hex 8)" \
      -extfile <(printf '%b' "$extensions") -out "$name.pem" "$@" 2>/dev/null
}

NAMES='subjectAltName=DNS:dns.example\n'
root ca
root stranger
issue good ca dns.example "$NAMES" -days $DAYS
issue other-name ca other.example 'subjectAltName=DNS:other.example\n' -days $DAYS
issue other-ca stranger dns.example "$NAMES" -days $DAYS
issue between ca "fw-dns test between" 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n' -days $DAYS
issue below between dns.example "$NAMES" -days $DAYS
issue subject-only ca dns.example 'keyUsage=digitalSignature\n' -days $DAYS
issue no-authority good dns.example "$NAMES" -days $DAYS
folder=$(mktemp -d)
mkdir "$folder/new"
: >"$folder/index"
echo 01 >"$folder/serial"
key expired
openssl req -new -key expired.key -subj "/CN=dns.example" -out "$folder/csr"
openssl ca -batch -notext -in "$folder/csr" -out expired.pem -cert ca.pem -keyfile ca.key -md sha256 \
  -startdate 20200101000000Z -enddate 20210101000000Z -extfile <(printf '%b' "$NAMES") \
  -config <(printf '[ca]\ndefault_ca=d\n[d]\ndatabase=%s\nserial=%s\nnew_certs_dir=%s\npolicy=p\n[p]\ncommonName=supplied\n' \
    "$folder/index" "$folder/serial" "$folder/new") 2>/dev/null
rm -r "$folder"
cat between.pem >>below.pem
cat good.pem >>no-authority.pem
rm -f stranger.key between.key ca.key
