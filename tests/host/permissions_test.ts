import assert from "node:assert/strict";
import {
  BROAD_FLAGS,
  checkForShell,
  describeFlags,
  type FlagOptions,
  permissionFlags,
} from "../../src/host/mod.ts";
import { parsePolicy } from "../../src/policy/mod.ts";

const OPTIONS = {
  folders: ["/etc/fw-dns"],
  knowsUnixSockets: true,
  isResolvedOnly: false,
  runtimeVersion: "2.9.6",
};

function flagsOf(toml: string, options: Partial<FlagOptions> = {}): readonly string[] {
  const text = `allow = ["a.example"]\n${toml}[[upstream]]\naddress = "9.9.9.9"\n`;
  const policy = parsePolicy(new TextEncoder().encode(text), "p");
  return describeFlags(permissionFlags(policy, { ...OPTIONS, ...options }).flags);
}

Deno.test("the flags name clients, sockets, upstreams, the folder, and what only the start needs", () => {
  assert.deepEqual(flagsOf(""), [
    "--no-prompt",
    "--allow-net=127.0.0.0/8,[::1],0.0.0.0:0,0.0.0.0:61000 to 61063,9.9.9.9:53," +
    "unix:/run/fw-dns/notify.sock,unix:/run/systemd/notify",
    "--allow-read=/etc/fw-dns,/run/fw-dns/notify.sock,/run/systemd/notify",
    "--allow-write=/run/fw-dns/notify.sock,/run/systemd/notify",
    "--allow-env=NOTIFY_SOCKET,WATCHDOG_USEC,WATCHDOG_PID,JOURNAL_STREAM",
    "--allow-sys=uid",
  ]);
});

Deno.test("the address of metrics is named where no client's subnet has it", () => {
  const metrics = (address: string): string => `[metrics]\naddress = "${address}"\n`;
  assert.match(flagsOf(metrics("10.0.7.1:9153"))[1]!, /,10\.0\.7\.1:9153,/);
  assert.deepEqual(flagsOf(metrics("127.0.0.1:9153")), flagsOf(""));
});

Deno.test("a compiled program may write where its policy can lie, one that is to serve alone may not", () => {
  const [, , , write] = flagsOf("", { writable: ["/srv", "/etc/fw-dns"] });
  assert.equal(
    write,
    "--allow-write=/run/fw-dns/notify.sock,/run/systemd/notify,/srv,/etc/fw-dns",
  );
  assert.ok(BROAD_FLAGS.some((flag) => /^--allow-write=.*,\/etc\/fw-dns$/.test(flag)));
  assert.throws(() => flagsOf("", { writable: ["/a,b"] }), /^FlagError: /);
});

Deno.test("an upstream is asked from the same ports whatever the transport", () => {
  for (const transport of ["udp", "tcp", "tls"]) {
    const tlsName = transport === "tls" ? `tls_name = "dns.example"\n` : "";
    const net = flagsOf(
      `[[upstream]]\naddress = "192.0.2.7:853"\ntransport = "${transport}"\n${tlsName}`,
    )[1]!;
    assert.match(net, /,0\.0\.0\.0:0,0\.0\.0\.0:61000 to 61063,192\.0\.2\.7:853,/);
  }
});

const RUN_AS = '[run_as]\nuser = "fw-dns"\n';

Deno.test("an account needs its files, and what changes identity as far as the version can name it", () => {
  const [, , read, , , sys] = flagsOf(RUN_AS);
  assert.match(read!, /,\/etc\/passwd,\/etc\/group$/);
  assert.equal(sys, "--allow-sys");
  assert.equal(
    flagsOf(RUN_AS, { runtimeVersion: "2.7.11" })[5],
    "--allow-sys=uid,gid,getegid,setuid,setgid",
  );
});

Deno.test("a version without permissions for unix sockets gets none; the helper's socket comes where asked for", () => {
  assert.doesNotMatch(flagsOf("", { knowsUnixSockets: false }).join(" "), /unix:/);
  const flags = flagsOf("", { isResolvedOnly: true });
  assert.match(flags[1]!, /,unix:\/run\/fw-dns-admit\/admit\.sock,/);
  for (const at of [2, 3]) assert.match(flags[at]!, /[=,]\/run\/fw-dns-admit\/admit\.sock,/);
});

Deno.test("single clients, subnets and addresses beyond them come in Deno's own words", () => {
  const net = flagsOf(
    '[listen]\naddresses = ["10.0.7.1:53", "[2001:db8::2]:53"]\nclients = ["10.0.7.0/24", "192.0.2.9", "2001:db8::1"]\n',
  )[1]!;
  assert.match(
    net,
    /^--allow-net=10\.0\.7\.0\/24,192\.0\.2\.9,\[2001:db8::1\],\[2001:db8::2\]:53,/,
  );
});

Deno.test("paths that Deno or a shell would split are refused, with what to do", () => {
  assert.throws(
    () => flagsOf("", { folders: ["/a,b"] }),
    /^FlagError: Cannot write flags for "\/a,b": Deno would split the path at its comma\. Put the policy /,
  );
  for (const path of ["/my files", "/a$b", "/a'b", "/a*", "/a\\b", "/a\nb", "/a;b", "/[ab]"]) {
    assert.throws(() => checkForShell([path]), /a shell would split or change the path/, path);
  }
  checkForShell(["/etc/fw-dns", "/home/jörg/dns_1.2-x@y"]);
});
