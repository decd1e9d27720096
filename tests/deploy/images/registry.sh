# A registry as a process of the test; source it. Data, log and configuration are in the current
# folder; its process is $registry_id, its port $port.
# shellcheck shell=bash disable=SC2034  # variables are for who sources it

free_port() {  # below those that the kernel gives to others who ask for any
  python3 -c '
import random, socket
for port in random.sample(range(10000, 32000), 1000):
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        continue
    print(port)
    break'
}

# write_registry_config MORE: MORE is further YAML.
write_registry_config() {
  cat >registry.yml <<END
version: 0.1
log: {level: info, accesslog: {disabled: false}}
storage:
  filesystem: {rootdirectory: $PWD/data}
  delete: {enabled: true}
http:
  addr: 127.0.0.1:$port
  secret: of-this-test-only
$1
END
}

run_registry() {
  docker-registry serve registry.yml >>registry.log 2>&1 &
  registry_id=$!

  for i in $(seq 200); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return; fi
    sleep 0.05
  done
  echo "the registry does not start: $(tail -n 3 registry.log)" >&2
  exit 1
}

# start_registry [PORT]: plain HTTP.
start_registry() {
  port=${1:-$(free_port)}
  write_registry_config ""
  run_registry
}

# TLS and a password; certificates/ and htpasswd have been made before.
secure_registry() {
  port=$(free_port)
  place=localhost:$port
  write_registry_config "  tls: {certificate: $PWD/certificates/good.pem, key: $PWD/certificates/good.key}
auth:
  htpasswd: {realm: test, path: $PWD/htpasswd}"
  run_registry
}
