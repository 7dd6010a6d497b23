#!/bin/sh
# Makes what mutual TLS at the broker needs, in data/certificates: an authority of your own, the broker's certificate, the
# relay's, and one for each fridge named on the command line (its id, as the relay shows it). What is there is kept, so that
# it can be run again for a new fridge. Take the authority's key off the machine when you are done.
#   RELAY_DOMAIN=relay.example.org sh sync/deploy/certificates.sh [FRIDGE-ID...]
set -eu
domain=${RELAY_DOMAIN:?the name under which fridges reach the broker}
dir=${CERTIFICATES:-data/certificates}
umask 077
mkdir -p "$dir"
cd "$dir"

[ -f ca.key ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj '/CN=fleet' \
  -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign' -keyout ca.key -out ca.crt

# certificate FILE NAME [SUBJECT-ALTERNATIVE-NAMES]
certificate() {
  [ -f "$1.crt" ] && return
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" -keyout "$1.key" -out "$1.csr"
  printf 'basicConstraints=CA:FALSE\n%s\n' "${3:+subjectAltName=$3}" > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 825 -extfile "$1.ext" -out "$1.crt"
  rm "$1.csr" "$1.ext"
}

certificate broker "$domain" "DNS:$domain,DNS:broker"
certificate relay relay
for fridge in "$@"; do
  case $fridge in *[!a-z0-9-]*) echo "$fridge is no fridge's id" >&2 && exit 1 ;; esac
  certificate "fridge-$fridge" "$fridge"
done
# mosquitto in its container is user 1883, the relay 1000; both only read.
chmod 644 ca.crt ./*.crt
if [ "$(id -u)" = 0 ]; then chown 1883 broker.key && chown 1000 relay.key; fi
