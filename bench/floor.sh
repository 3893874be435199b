#!/bin/sh
# The floor: what `platformctl new` makes, made with the same git and terraform commands run bare.
# Nothing is rendered, checked, asked, locked, journalled or proved; nothing could be resumed or undone.
#
#   floor.sh first HOME PARTS NAME         the organisation's repositories, then the service as in `fresh`
#   floor.sh fresh HOME PARTS NAME         the service; a Terraform folder is initialised for it, as scripts do
#   floor.sh reused HOME PARTS NAME        the service, in a Terraform folder that was initialised before
#   floor.sh plan HOME PARTS NAME          what Terraform would change, in the folder initialised before
#   floor.sh preview HOME PARTS NAME       the same, and the plan read as JSON
#   floor.sh organisation HOME PARTS NAME  preparation: the organisation's repositories
#   floor.sh initialise HOME PARTS NAME    preparation: the folder for `reused`
#
# PARTS holds what the script is spared: every commit as a stream for git fast-import, the root module with its
# variables, and the hook.
set -eu
mode=$1 home=$2 parts=$3 name=$4
forge=$home/forge/local
none=0000000000000000000000000000000000000000
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 LC_ALL=C
terraform=$(command -v terraform || command -v tofu)

create() { # repository
  git --git-dir="$forge/$1.git" init --quiet --bare --template= --initial-branch=main "$forge/$1.git"
  printf '[core]\n\thooksPath = hooks\n[receive]\n\tdenyDeleteCurrent = true\n' >>"$forge/$1.git/config"
}

commit() { # repository stream head: prints the commit
  new=$(git --git-dir="$forge/$1.git" fast-import --quiet --force --done --cat-blob-fd=1 <"$2")
  git --git-dir="$forge/$1.git" update-ref refs/heads/main "$new" "$3"
  printf '%s\n' "$new"
}

organisation() {
  mkdir -p "$forge"
  for stream in "$parts"/organisation/*.stream; do
    repository=${stream##*/} repository=${repository%.stream}
    create "$repository"
    new=$(commit "$repository" "$stream" $none)
    if [ -f "${stream%.stream}.tag" ]; then
      read -r tag <"${stream%.stream}.tag"
      git --git-dir="$forge/$repository.git" update-ref "refs/tags/$tag" "$new" $none
    fi
  done
}

initialise() { # folder
  mkdir -p "$1"
  cp "$parts/main.tf" "$1/main.tf"
  (cd "$1" && "$terraform" init -json -input=false >/dev/null)
}

plan() { # folder; the exit code says whether something would change
  cd "$1"
  code=0
  "$terraform" plan -json -input=false -lock=false -detailed-exitcode -var-file="$parts/service.tfvars.json" \
    -out="$1/$name.plan" >/dev/null || code=$?
  [ "$code" = 0 ] || [ "$code" = 2 ]
}

service() { # initialised folder
  create "$name"
  commit "$name" "$parts/service.stream" $none >/dev/null
  plan "$1"
  "$terraform" show -json "$1/$name.plan" >"$1/$name.json"
  "$terraform" apply -json -input=false -lock=false "$1/$name.plan" >/dev/null
  head=$(git --git-dir="$forge/environments.git" rev-parse --verify --quiet 'refs/heads/main^{commit}')
  commit environments "$parts/environments.stream" "$head" >/dev/null
  mkdir "$forge/$name.git/hooks"
  cp "$parts/hook" "$forge/$name.git/hooks/pre-receive"
}

fresh() {
  initialise "$home/terraform/$name"
  service "$home/terraform/$name"
}

case $mode in
  first) organisation && fresh ;;
  fresh) fresh ;;
  reused) export TF_WORKSPACE="$name" && service "$home/root" ;;
  plan) export TF_WORKSPACE="$name" && plan "$home/root" ;;
  preview)
    export TF_WORKSPACE="$name" && plan "$home/root"
    "$terraform" show -json "$home/root/$name.plan" >"$home/root/$name.json"
    ;;
  organisation) organisation ;;
  initialise) initialise "$home/root" ;;
  *) echo "no such mode: $mode" >&2 && exit 2 ;;
esac
