#!/bin/sh
# Gives Observer a key to MinIO that may use its bucket and nothing else: minio-key.sh SECRETS HOST:PORT POLICY
# docker-compose.yml runs it with MinIO's own image, which has mc, before the shop. What is there stays, but for the
# policy, which is made anew: it is that of the file at each start.
set -eu

secrets=$1
key=observer

MC_CONFIG_DIR=$(mktemp -d)
trap 'rm -rf "$MC_CONFIG_DIR"' EXIT
# As an address and as text from a file, so that nobody sees them among the processes. prepare.sh makes them of
# characters that an address takes.
MC_HOST_minio="http://$(cat "$secrets/user"):$(cat "$secrets/password")@$2"
export MC_CONFIG_DIR MC_HOST_minio

mc admin policy create minio "$key" "$3"
mc admin user add minio "$key" <"$secrets/observer-secret-key"
# It is an error to attach what is attached.
case $(mc --json admin user info minio "$key") in
  *'"policyName"'*"\"$key\""*) ;;
  *) mc admin policy attach minio "$key" --user "$key" ;;
esac
