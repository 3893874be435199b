#!/bin/sh
# What `make demo` shows: a service from nothing, on the embedded platform. Expects PLATFORMCTL_HOME and BIN.
set -eu
say() { printf '\n$ %s\n' "$*" | sed "s/Takes payments/'Takes payments'/"; }
run() {
  say "$@"
  "$BIN/$@"
}

run platformctl new service payments-api --team payments --description 'Takes payments' --yes
forge=$PLATFORMCTL_HOME/forge/local
say git -C payments-api.git log --stat -1
git --git-dir "$forge/payments-api.git" log --stat=72 -1 | sed -n '1,60p'
say git -C environments.git ls-tree -r --name-only main staging/payments-api
git --git-dir "$forge/environments.git" ls-tree -r --name-only main staging/payments-api
run platformctl new service payments-api --team payments --description 'Takes payments' --yes
run platformctl doctor payments-api
