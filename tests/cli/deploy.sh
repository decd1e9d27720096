#!/bin/bash
# marvel deploy without a cluster, as shells and scripts meet it: exit codes, output, messages.
#   deploy.sh MARVEL
set -euo pipefail

marvel=$(realpath "$1")
# shellcheck disable=SC2034
front=(deploy)
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"
data=$(cd "$(dirname "${BASH_SOURCE[0]}")/../deploy/data" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export LC_ALL=C HOME=$work XDG_CONFIG_HOME=$work/xdg XDG_DATA_HOME=$work/data

failures=0
fail() {
  echo "FAILED: $1" >&2
  failures=$((failures + 1))
}
silent() { ! grep -qF -- "$2" "$1" || fail "'$2' in $1"; }

# --- the group, and typing mistakes ---
expect 2
says err "render"
expect 2 rendr
says err "did you mean 'render'?"
expect 2 render --sett A=b
says err "--set"

# --- render ---
expect 0 render "$data/kafka.template.yaml" --set SERVERS=5
says out "replicas: 5"
says out "\${HOSTNAME##*-}"
expect 0 render -f "$data/kafka.template.yaml" --json
says out '"schema": "marvel.deploy.render/1"'
says out '"objects"'
expect 2 render
says err "no template or manifest"
expect 2 render gone.yaml
says err "gone.yaml"
expect 2 render "$data/kafka.template.yaml" --set SERVERS=many
says err "kafka.template.yaml:19:13: spec.replicas wants a whole number"
expect 2 render "$data/kafka.template.yaml" --set SERVES=3 --json
says err '"code": "usage"'
says err "did you mean SERVERS?"
expect 2 render "$data/listing16_raw.yaml"
says err "listing16_raw.yaml:"

# --- values: --set over --values over the environment over the default ---
printf 'SERVERS: 7\nZOOKEEPER: zk\n' >values.yaml
MARVEL_VAR_SERVERS=9 expect 0 render "$data/kafka.template.yaml"
says out "replicas: 9"
MARVEL_VAR_SERVERS=9 expect 0 render "$data/kafka.template.yaml" --values values.yaml
says out "replicas: 7"
says out "value: zk"
expect 0 render "$data/kafka.template.yaml" --values values.yaml --set SERVERS=1
says out "replicas: 1"

# --- what the platform predefines: from settings, weaker than all other values ---
cat >host.yaml <<'END'
apiVersion: v1
kind: ConfigMap
metadata: {name: "${NAME}"}
data: {host: "${HOSTNAME}", registry: "${REGISTRY}"}
---
kind: Template
name: host
variables: [{name: NAME, default: cam}, {name: HOSTNAME, default: none}, {name: REGISTRY, default: none}]
END
cat >marvel.yaml <<'END'
deploy:
  predefined: ["HOSTNAME=${NAME}.grn.example", "REGISTRY=reg:5000"]
END
expect 0 render host.yaml
says out "host: cam.grn.example"
says out "registry: reg:5000"
expect 0 render host.yaml --name web --set REGISTRY=other
says out "host: web.grn.example"
says out "registry: other"
MARVEL_PREDEFINED=REGISTRY=env:1 expect 0 render host.yaml
says out "registry: env:1"
says out "host: none"
MARVEL_VAR_REGISTRY=var:1 expect 0 render host.yaml
says out "registry: var:1"
expect 0 render host.yaml --predefined REGISTRY=flag:1
says out "registry: flag:1"
expect 2 render host.yaml --predefined REGISTRI=flag:1
says err "did you mean REGISTRY=VALUE?"
rm marvel.yaml

# --- targets ---
expect 0 render "$data/service.yaml" "$data/toleration31.yaml" --layer GRNEDGE1 --node grnedge1
says out "metadata.name"
[ "$(grep -c 'value: GRNEDGE1' out)" -eq 1 ] || fail "the toleration is doubled"
printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {nodeSelector: {Layer: A}}\n' >pod.yaml
expect 1 render pod.yaml --layer Layer=B
says err "pod.yaml:4:30"
expect 2 render pod.yaml --layer 'not a label'

# --- the old engine ---
printf 'k: "%s" # c\na: b\n' "\${SERVERS}" >doc.yaml
printf -- '---\nkind: Template\nname: t\nvariables: [{name: SERVERS, default: 3}]\n' >>doc.yaml
expect 0 render doc.yaml --compat karvdash
[ "$(cat out)" = "$(printf 'a: b\nk: 3')" ] || fail "--compat karvdash: $(cat out)"
expect 2 render doc.yaml --compat karvdash --json
expect 2 render doc.yaml --compat helm

# --- secrets ---
cat >secret.yaml <<'END'
apiVersion: v1
kind: Secret
metadata: {name: s}
stringData: {password: "${PASSWORD}"}
---
kind: Template
name: secret
variables: [{name: PASSWORD, secret: true}]
END
printf 'PASSWORD: hunter2\n' >password.yaml
expect 0 render secret.yaml --values password.yaml
silent out hunter2
expect 0 render secret.yaml --values password.yaml --show-secrets
says out hunter2
"$marvel" deploy render secret.yaml --values - --show-secrets <password.yaml >out
says out hunter2
expect 2 render secret.yaml --set PASSWORD=hunter2
silent err hunter2

# --- lint: errors are exit code 1, warnings are not ---
expect 1 lint "$data/affinity33.yaml"
says out "affinity33.yaml:15:6: error: nodeSelectorTerms stands beside"
expect 0 lint "$data/toleration31.yaml"
says out "[only-tolerated]"
expect 1 lint "$data/smartviz.template.yaml" --json
says out '"schema": "marvel.deploy.lint/1"'
says out '"rule": "removed-api"'
expect 0 lint "$data/smartviz.template.yaml" --kubernetes 1.21
says out "[deprecated-api]"
expect 2 lint "$data/smartviz.template.yaml" --kubernetes latest
expect 1 lint "$data/listing27_raw.yaml"
says out "[yaml]"
expect 2 lint gone.yaml
silent out undefined-variable
expect 0 lint "$data/kafka.template.yaml" --all
says out "KAFKA_BROKER_ID is no variable"
cp "$data/smartviz.template.yaml" old.yaml
expect 0 lint --fix old.yaml
says err "old.yaml:1:13: Ingress is now networking.k8s.io/v1"
expect 0 lint --fix old.yaml
silent err "is now"
expect 2 lint --fix -
# Links stay links and files keep their mode; a wrong name is told before anything is written, and
# never in place of what is wrong with the YAML.
mkdir linked
cp "$data/smartviz.template.yaml" linked/old.yaml
chmod 600 linked/old.yaml
ln -sf linked/old.yaml link.yaml
expect 2 lint --fix link.yaml --set NO_SUCH=1
says err "no template has a variable NO_SUCH"
cmp -s "$data/smartviz.template.yaml" linked/old.yaml || fail "lint --fix wrote before it looked"
expect 0 lint --fix link.yaml
[ -L link.yaml ] || fail "lint --fix replaced a link"
grep -q "networking.k8s.io/v1$" linked/old.yaml || fail "lint --fix did not follow a link"
[ "$(stat -c %a linked/old.yaml)" = 600 ] || fail "lint --fix opened a file to others"
expect 1 lint "$data/listing27_raw.yaml" --set NAME=x
says out "[yaml]"

# --- the local catalogue ---
expect 0 template list
says err "The catalogue is empty"
expect 0 template add "$data/kafka.template.yaml"
expect 0 template add "$data/kafka.template.yaml"
expect 0 template list --json
says out '"id": "kafka"'
expect 0 template get kafka
cmp -s out "$data/kafka.template.yaml" || fail "a template came back changed"
expect 0 render kafka --set SERVERS=5
says out "replicas: 5"
expect 3 template get kafk
says err "did you mean 'kafka'?"
expect 3 template add "$data/smartviz.template.yaml" --as kafka
says err "--replace"
expect 0 template add "$data/smartviz.template.yaml" --as kafka --replace
expect 2 template add "$data/service.yaml"
says err "no template"
expect 2 template add "$data/service.yaml" --as ../../x
expect 0 template delete kafka
expect 2 render kafka
says err "neither a file nor a template of the catalogue"

# --- hostile and strange input ---
head -c 50000000 /dev/zero | tr '\0' a >large.yaml
expect 2 render large.yaml
says err "larger than 16 MiB"
: >empty.yaml
expect 0 render empty.yaml
mkdir folder
expect 2 render folder
says err "no .yaml"
cp "$data/service.yaml" folder/
expect 0 render folder
says out "kind: Service"
if [ -w /dev/full ]; then
  got=0
  "$marvel" deploy render "$data/service.yaml" >/dev/full 2>err || got=$?
  [ "$got" -eq 3 ] || fail "exit $got on a full disk"
fi

[ "$failures" -eq 0 ] || exit 1
echo "marvel deploy without a cluster: all as promised."
