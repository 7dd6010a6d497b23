#!/bin/sh
# A relay's whole database into one file, while it runs; and back. Fridges send again what a restored relay lacks, so a
# backup that is hours old loses nothing that a fridge still has.
#   DATABASE_URL=postgres://... sh sync/deploy/backup.sh FILE           backup (an existing FILE is not overwritten)
#   DATABASE_URL=postgres://... sh sync/deploy/backup.sh FILE restore   into an empty database
set -eu
file=${1:?the file of the backup}
case ${2:-backup} in
  backup)
    if [ -e "$file" ]; then echo "$file is there already" >&2 && exit 1; fi
    umask 077
    pg_dump --format=custom --no-owner --no-privileges --dbname="$DATABASE_URL" --file="$file.part"
    pg_restore --list "$file.part" > /dev/null # a backup that can't be read is none
    mv "$file.part" "$file"
    ;;
  restore) pg_restore --exit-on-error --single-transaction --no-owner --no-privileges --dbname="$DATABASE_URL" "$file" ;;
  *) echo "$2 is neither backup nor restore" >&2 && exit 1 ;;
esac
