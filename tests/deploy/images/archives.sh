# Image archives for tests, made of tar and sha256sum alone; source it.
# shellcheck shell=bash

hash_of() { sha256sum "$1" | cut -c 1-64; }

# layer1.tar and layer2.tar, each a file system of one file, the second not small.
make_layers() {
  mkdir -p layer1 layer2
  echo 'hello from marvel' >layer1/greeting
  head -c 300000 /dev/zero | tr '\0' 'm' >layer2/model.bin
  local name
  for name in layer1 layer2; do
    tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C $name -cf $name.tar .
  done
}

# config_of ARCHITECTURE LAYER...: an image's config for these unpacked layers.
config_of() {
  local architecture=$1 ids=() layer
  shift
  for layer in "$@"; do ids+=("\"sha256:$(hash_of "$layer")\""); done
  printf '{"architecture":"%s","os":"linux","created":"2024-01-02T03:04:05Z",' "$architecture"
  printf '"config":{"Env":["GREETING=hello"],"Cmd":["/greet"]},'
  printf '"rootfs":{"type":"layers","diff_ids":[%s]}}' "$(IFS=,; echo "${ids[*]}")"
}

# add_blob LAYOUT FILE MEDIA-TYPE: puts it into the layout and prints its descriptor.
add_blob() {
  local digest
  digest=$(hash_of "$2")
  cp "$2" "$1/blobs/sha256/$digest"
  printf '{"mediaType":"%s","digest":"sha256:%s","size":%d}' "$3" "$digest" "$(stat -c %s "$2")"
}

# add_image LAYOUT ARCHITECTURE TYPE LAYER...: the same for a whole image. TYPE is tar or tar+gzip.
add_image() {
  local layout=$1 architecture=$2 type=$3 layers=() layer config
  shift 3
  for layer in "$@"; do
    if [ "$type" = tar+gzip ]; then gzip -nc "$layer" >packed; else cp "$layer" packed; fi
    layers+=("$(add_blob "$layout" packed "application/vnd.oci.image.layer.v1.$type")")
  done
  config_of "$architecture" "$@" >config.json
  config=$(add_blob "$layout" config.json application/vnd.oci.image.config.v1+json)
  printf '{"schemaVersion":2,"config":%s,"layers":[%s]}' "$config" \
    "$(IFS=,; echo "${layers[*]}")" >manifest.json
  add_blob "$layout" manifest.json application/vnd.oci.image.manifest.v1+json
}

begin_layout() {
  rm -rf layout
  mkdir -p layout/blobs/sha256
  echo '{"imageLayoutVersion":"1.0.0"}' >layout/oci-layout
}
end_layout() {  # FILE DESCRIPTOR
  printf '{"schemaVersion":2,"manifests":[%s]}' "$2" >layout/index.json
  tar -C layout -cf "$1" .
}

# make_oci FILE ARCHITECTURE [damaged]: an image of both layers; its digest is in one.digest.
make_oci() {
  local image
  begin_layout
  image=$(add_image layout "$2" tar+gzip layer1.tar layer2.tar)
  if [ "${3:-}" = damaged ]; then
    local blob
    blob=layout/blobs/sha256/$(gzip -nc layer2.tar | sha256sum | cut -c 1-64)
    printf 'X' | dd of="$blob" bs=1 seek=100 conv=notrunc 2>dd.log
  else
    printf 'sha256:%s' "$(hash_of manifest.json)" >one.digest
  fi
  end_layout "$1" "$image"
}

# make_index FILE: amd64 and arm64 under one index.
make_index() {
  local one two
  begin_layout
  one=$(add_image layout amd64 tar+gzip layer1.tar layer2.tar)
  two=$(add_image layout arm64 tar+gzip layer1.tar)
  printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[%s,%s]}' \
    "${one%\}},\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}}" \
    "${two%\}},\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\"}}" >index.json
  end_layout "$1" "$(add_blob layout index.json application/vnd.oci.image.index.v1+json)"
}

# make_big FILE: the layers big1, big2 and big3 as they are.
make_big() {
  begin_layout
  end_layout "$1" "$(add_image layout amd64 tar big1 big2 big3)"
}

# make_docker FILE: as skopeo writes it, with a link to a layer.
make_docker() {
  local one two config
  rm -rf saved && mkdir saved
  one=$(hash_of layer1.tar) two=$(hash_of layer2.tar)
  cp layer1.tar "saved/$one.tar"
  cp layer2.tar "saved/$two.tar"
  mkdir saved/old && ln -s "../$two.tar" saved/old/layer.tar
  config_of amd64 layer1.tar layer2.tar >config.json
  config=$(hash_of config.json)
  cp config.json "saved/$config.json"
  printf '[{"Config":"%s.json","RepoTags":["example.org/old:1"],"Layers":["%s.tar","old/layer.tar"]}]' \
    "$config" "$one" >saved/manifest.json
  tar -C saved -cf "$1" .
}
