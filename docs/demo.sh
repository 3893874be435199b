#!/bin/sh
# What `make demo` shows: services from nothing, on the embedded platform, and the proof that one of them is observable.
# Expects PLATFORMCTL_HOME and BIN.
set -eu
unset PLATFORMCTL_PLATFORM
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
say grep alert: rules/staging/payments-api.yml
grep alert: "$PLATFORMCTL_HOME/monitoring/local/rules/staging/payments-api.yml"
run platformctl new service payments-api --team payments --description 'Takes payments' --yes
run platformctl doctor payments-api
run platformctl new worker payments-worker --team payments --depends-on payments-api --yes
run platformctl catalog graph

say platformctl prove payments-api --report proof.html
code=0
"$BIN/platformctl" prove payments-api --report "$PLATFORMCTL_HOME/proof.html" || code=$?
case $code in
  0) printf '\nEverything that was seen, to be looked at in a browser: %s\n' "$PLATFORMCTL_HOME/proof.html" ;;
  4) printf '\nThe rest has worked. With these programs, the same command proves it: %s\n' \
       'apt-get install prometheus prometheus-alertmanager' ;;
  *) exit "$code" ;;
esac
