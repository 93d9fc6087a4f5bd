#!/bin/sh
# Makes what must be secret, once: prepare.sh DIRECTORY [MINIO_DATA]
# Each file is readable by the service that needs it and by nobody else. What is there already stays, so that a second
# start changes no password. docker-compose.yml runs it as root, before everything else; elsewhere it changes no owners.
set -eu
umask 077

secrets=$1

# The users that the images run as; the shop's and MinIO's are ours to say.
shop=10001
prometheus=65534
grafana=472
minio=1000

random() {
  head -c 30 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n'
}

own() {
  [ "$(id -u)" != 0 ] || chown -R "$1" "$2"
}

mkdir -p "$secrets/shop" "$secrets/prometheus" "$secrets/grafana" "$secrets/minio"
chmod 755 "$secrets"
if [ ! -e "$secrets/complete" ]; then
  token=$(random)
  key=$(random)
  printf 'observer.read-token=%s\nobserver.minio.access-key=observer\nobserver.minio.secret-key=%s\n' \
    "$token" "$key" >"$secrets/shop/observer.properties"
  printf '%s' "$token" >"$secrets/prometheus/read-token"
  # What minio-key.sh lets it do is little; the root key is for that script alone.
  printf '%s' "$key" >"$secrets/minio/observer-secret-key"
  printf '%s' root >"$secrets/minio/user"
  random >"$secrets/minio/password"
  random >"$secrets/grafana/admin-password"
  # Last, so that a start that was interrupted begins again.
  : >"$secrets/complete"
fi
own "$shop" "$secrets/shop"
own "$prometheus" "$secrets/prometheus"
own "$grafana" "$secrets/grafana"
own "$minio" "$secrets/minio"

# MinIO's image makes its volume for root. What lies in it is MinIO's already.
if [ $# -gt 1 ] && [ "$(id -u)" = 0 ]; then
  chown "$minio" "$2"
fi
