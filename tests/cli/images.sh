#!/bin/bash
# marvel deploy images against a real registry (Debian's docker-registry), with skopeo as the judge
# of what was pushed.
#   images.sh MARVEL
set -euo pipefail

marvel=$(realpath "$1")
# shellcheck disable=SC2034
front=(deploy images)
. "$(dirname "${BASH_SOURCE[0]}")/expect.sh"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for tool in docker-registry jq; do
  command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
work=$(mktemp -d)
registry_id=
stop_registry() {
  [ -z "$registry_id" ] || kill -9 "$registry_id" 2>/dev/null || true
  [ -z "$registry_id" ] || wait "$registry_id" 2>/dev/null || true
  registry_id=
}
trap 'stop_registry; rm -rf "$work"' EXIT
cd "$work"
export HOME=$work XDG_CONFIG_HOME=$work/xdg XDG_CACHE_HOME=$work/cache
unset DOCKER_CONFIG REGISTRY_AUTH_FILE HTTP_PROXY http_proxy HTTPS_PROXY https_proxy ALL_PROXY all_proxy

failures=0
fail() {
  echo "FAILED: $1" >&2
  failures=$((failures + 1))
}
holds() { jq -e "$1" out >/dev/null || fail "not $1: $(head -c 600 out)"; }

. "$here/../deploy/images/archives.sh"
. "$here/../deploy/images/registry.sh"

start_registry
plain=(--insecure)
place=localhost:$port

# --- push an OCI layout, twice ---
make_layers
make_oci one.tar amd64
expect 0 push one.tar "$place/grn/sed:1.0" "${plain[@]}" --json
holds '.schema == "marvel.deploy.images.push/1" and .unchanged == false and .blobs.sent == 3'
digest=$(jq -r .digest out)
[ "$digest" = "$(cat one.digest)" ] || fail "another digest than the archive's"
expect 0 push one.tar "$place/grn/sed:1.0" "${plain[@]}" --json
holds '.unchanged == true and .sent_bytes == 0'

# --- skopeo agrees ---
if command -v skopeo >/dev/null; then
  seen=$(skopeo inspect --tls-verify=false "docker://$place/grn/sed:1.0" | jq -r .Digest)
  [ "$seen" = "$digest" ] || fail "skopeo sees $seen instead of $digest"
  skopeo copy -q --src-tls-verify=false "docker://$place/grn/sed:1.0" oci:pulled:1.0 ||
    fail "skopeo cannot pull what was pushed"
else
  echo "without skopeo: nobody else has judged the pushed images"
fi

# --- a docker archive: the same layers, packed, each time to the same digest ---
make_docker docker.tar
expect 0 push docker.tar "$place/grn/old:1" "${plain[@]}" --json
first=$(jq -r .digest out)
expect 0 push docker.tar "$place/grn/old:2" "${plain[@]}" --json
[ "$first" = "$(jq -r .digest out)" ] || fail "packing is not deterministic"
holds '.blobs.there == 3 and .blobs.sent == 0'
if command -v skopeo >/dev/null; then
  skopeo copy -q --src-tls-verify=false "docker://$place/grn/old:1" docker-archive:back.tar:x:1 ||
    fail "skopeo cannot pull the packed image"
  tar -tf back.tar >names
  for layer in layer1 layer2; do
    grep -q "$(hash_of "$layer.tar")" names || fail "the unpacked layer $layer came back changed"
  done
fi

# --- blobs of another repository are mounted, not sent ---
expect 0 push one.tar "$place/grn/copy:1" "${plain[@]}" --mount-from grn/sed --json
holds '.blobs.mounted == 3 and .blobs.sent == 0'

# --- two platforms under one tag ---
make_index both.tar
expect 0 push both.tar "$place/grn/sed:both" "${plain[@]}" --json
expect 0 inspect "$place/grn/sed:both" "${plain[@]}" --json
holds '[.images[].platform] == ["linux/amd64", "linux/arm64"]'
expect 0 inspect "$place/grn/sed:1.0" "${plain[@]}"
says out "linux/amd64"
says out "GREETING=hello"

# --- list ---
expect 0 list "$place" "${plain[@]}" --json
holds '[.images[] | .repository + ":" + .tag] ==
  ["grn/copy:1", "grn/old:1", "grn/old:2", "grn/sed:1.0", "grn/sed:both"]'
holds '.images[4].platforms == ["linux/amd64", "linux/arm64"]'
expect 0 list "$place/grn/sed" "${plain[@]}"
says out "grn/sed:both"
MARVEL_REGISTRY=$place expect 0 list grn/old "${plain[@]}"
says out "grn/old:2"
expect 3 list "$place/grn/none" "${plain[@]}"

# --- check a template ---
cat >app.yaml <<END
apiVersion: apps/v1
kind: Deployment
metadata: {name: "\${NAME}"}
spec:
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a}}
    spec:
      initContainers:
        - {name: i, image: "$place/grn/old:1"}
      containers:
        - {name: c, image: "$place/grn/sed:\${TAG}"}
---
kind: Template
name: App
variables:
  - {name: NAME, default: app}
  - {name: TAG, default: both}
END
own=(--registry "$place" --insecure)
expect 0 check app.yaml "${own[@]}"
says out "app.yaml:"
expect 1 check app.yaml "${own[@]}" --platform linux/arm64 --json
holds '[.images[].state] == ["wrong platform", "good"]'
expect 1 check app.yaml "${own[@]}" --set TAG=nonsense
says out missing
expect 3 check app.yaml --registry localhost:1 --insecure
expect 2 check app.yaml --insecure
says err "--registry"

# --- delete: not what other tags share or need, not without a word ---
expect 2 delete "$place/grn/sed:both" "${plain[@]}"
says err "--yes"
expect 3 delete "$place/grn/sed:1.0" "${plain[@]}" --yes --all-tags
says err "several platforms: both"
expect 0 inspect "$place/grn/sed:both" "${plain[@]}"
expect 3 delete "$place/grn/old:1" "${plain[@]}" --yes
says err "share the digest"
says err ": 2"
expect 0 delete "$place/grn/old:1" "${plain[@]}" --all-tags --dry-run client --json
holds '.tags == ["1", "2"] and .deleted == false'
expect 0 inspect "$place/grn/old:2" "${plain[@]}"
expect 0 delete "$place/grn/old:1" "${plain[@]}" --all-tags --yes
expect 3 inspect "$place/grn/old:2" "${plain[@]}"
expect 3 delete "$place/grn/old:1" "${plain[@]}" --yes
expect 0 list "$place/grn/old" "${plain[@]}" --json
holds '.images == []'

# --- bad archives: nothing of them gets a tag ---
head -c 3000 one.tar >short.tar
expect 2 push short.tar "$place/bad/a:1" "${plain[@]}"
says err "cut off"
gzip -k one.tar
expect 2 push one.tar.gz "$place/bad/a:1" "${plain[@]}"
says err "gunzip"
make_oci damaged.tar amd64 damaged
expect 2 push damaged.tar "$place/bad/a:1" "${plain[@]}"
says err "damaged"
mkdir -p evil && printf x >evil/x
tar -C evil -P -cf evil.tar --transform 's,^x,../../x,' x
expect 2 push evil.tar "$place/bad/a:1" "${plain[@]}"
says err "leads out of the archive"
expect 2 push one.tar "$place/bad/A:1" "${plain[@]}"
expect 2 push nowhere.tar "$place/bad/a:1" "${plain[@]}"
expect 3 inspect "$place/bad/a:1" "${plain[@]}"

# --- the registry is killed in the middle of a push; the next run goes on ---
# big_push TAG: begins to push an image of three layers and waits until the second is on its way.
big_push() {
  local layer
  for layer in big1 big2 big3; do head -c 8000000 /dev/urandom >$layer; done
  make_big big.tar
  "$marvel" deploy images push big.tar "$place/grn/big:$1" "${slow[@]}" >out 2>err &
  push_id=$!
  for _ in $(seq 400); do
    [ "$(find data -path '*/blobs/*' -size +7000k 2>/dev/null | wc -l)" -eq "$2" ] || break
    sleep 0.01
  done
  sleep 0.05
}
slow=(--chunk 64KiB --jobs 1 "${plain[@]}")
stored() { find data -path '*/blobs/*' -size +7000k | wc -l; }
big_push 1 "$(stored)"
stop_registry
wait "$push_id" && fail "a push survived its registry"
start_registry "$port"
expect 3 inspect "$place/grn/big:1" "${plain[@]}"
expect 0 push big.tar "$place/grn/big:1" "${slow[@]}" --json
holds '.blobs.there >= 1 and .blobs.sent >= 1'
[ -z "$(ls cache/marvel/uploads)" ] || fail "a finished upload is still remembered"
expect 0 inspect "$place/grn/big:1" "${plain[@]}"

# --- the registry is away for a moment only: the run itself goes on ---
big_push 2 "$(stored)"
stop_registry
sleep 0.5
start_registry "$port"
wait "$push_id" || fail "a push did not outlive a restart: $(tail -n 1 err)"
expect 0 inspect "$place/grn/big:2" "${plain[@]}"

# --- Ctrl-C ---
big_push 3 "$(stored)"
kill -INT "$push_id"
code=0
wait "$push_id" || code=$?
[ "$code" -eq 130 ] || fail "Ctrl-C gives $code"
[ "$(stat -c %a cache/marvel/uploads)" = 700 ] || fail "others can read where uploads go"
stop_registry

# --- a registry with password and TLS ---
if command -v openssl >/dev/null; then
  mkdir -p certificates && "$here/../net/certificates.sh" certificates
  # secret: "hush", by htpasswd -nbB
  # shellcheck disable=SC2016
  echo 'anna:$2y$05$5XdEGNCgnqCpyHfCgDUwdupd.FAu.md7IS9ld.99HBX91eDQ.8Jdm' >htpasswd
  secure_registry
  tls=(--ca-file certificates/ca.pem)
  expect 3 list "$place" "${tls[@]}"
  says err "password"
  expect 3 list "$place"
  says err "not trusted"
  expect 3 list "$place" --insecure
  MARVEL_REGISTRY_PASSWORD=wrong expect 3 list "$place" "${tls[@]}" --username anna
  MARVEL_REGISTRY_PASSWORD=hush expect 0 push one.tar "$place/grn/sed:1" "${tls[@]}" --username anna
  printf 'hush\n' >password
  expect 0 list "$place" "${tls[@]}" --username anna --password-file password
  says out "grn/sed:1"
  mkdir -p .docker
  printf '{"auths":{"%s":{"auth":"%s"}}}' "$place" "$(printf anna:hush | base64)" >.docker/config.json
  expect 0 list "$place" "${tls[@]}" -vv
  says out "grn/sed:1"
  ! grep -q hush out err || fail "the password is shown"
  stop_registry
else
  echo "without openssl: TLS and passwords were left out"
fi

[ "$failures" -eq 0 ] && echo "images behave"
