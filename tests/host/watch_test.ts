import assert from "node:assert/strict";
import { watchFile } from "../../src/host/mod.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";
import { FakeFiles, namedError } from "../support/fake_host.ts";

const FILE = "/etc/fw-dns/policy.toml";

function watch(): { files: FakeFiles; clock: FakeClock; changes: () => number; stop: () => void } {
  const files = new FakeFiles({ [FILE]: "one" });
  const clock = new FakeClock();
  let changes = 0;
  const known = new TextEncoder().encode("one");
  const stop = watchFile({ files, clock }, FILE, known, () => changes++);
  return { files, clock, changes: () => changes, stop };
}

Deno.test("a change is told once the folder has been quiet for a moment", async () => {
  const { files, clock, changes } = watch();
  await settle();
  for (const content of ["", "tw", "two"]) {
    files.write(FILE, content);
    await clock.advance(100);
    assert.equal(changes(), 0);
  }
  await clock.advance(200);
  assert.equal(changes(), 1);
  await clock.advance(60_000);
  assert.equal(changes(), 1);
});

Deno.test("what the file had before it was watched counts", async () => {
  const files = new FakeFiles({ [FILE]: "two" });
  let changes = 0;
  const known = new TextEncoder().encode("one");
  watchFile({ files, clock: new FakeClock() }, FILE, known, () => changes++);
  await settle();
  assert.equal(changes, 1);
});

Deno.test("other files of the folder, and the same content anew, are no change", async () => {
  const { files, clock, changes } = watch();
  await settle();
  files.write("/etc/fw-dns/policy.toml.swp", "x");
  await clock.advance(1000);
  files.write(FILE, "one");
  await clock.advance(60_000);
  assert.equal(changes(), 0);
});

Deno.test("a change that nothing reports is found within seconds", async () => {
  const { files, clock, changes } = watch();
  await settle();
  files.contents[FILE] = "two";
  await clock.advance(5100);
  assert.equal(changes(), 1);
});

Deno.test("where the folder cannot be watched, it is read all the same", async () => {
  const files = new FakeFiles({ [FILE]: "one" });
  files.watch = () => {
    throw namedError("NotSupported", "no inotify");
  };
  const clock = new FakeClock();
  let changes = 0;
  watchFile({ files, clock }, FILE, new TextEncoder().encode("one"), () => changes++);
  await settle();
  files.contents[FILE] = "two";
  await clock.advance(5100);
  assert.equal(changes, 1);
});

Deno.test("a file that is gone is no change until it is back with another content", async () => {
  const { files, clock, changes } = watch();
  await settle();
  files.write(FILE, namedError("NotFound", "No such file"));
  await clock.advance(60_000);
  assert.equal(changes(), 0);
  files.write(FILE, "one");
  await clock.advance(1000);
  assert.equal(changes(), 0);
  files.write(FILE, "two");
  await clock.advance(1000);
  assert.equal(changes(), 1);
});

Deno.test("a folder that is swapped for another is followed", async () => {
  const { files, clock, changes } = watch();
  await settle();
  files.realPath = () => Promise.resolve("/srv/new");
  await clock.advance(5100);
  assert.equal(files.watched, 1);
  files.contents[FILE] = "two";
  files.write("/srv/new/policy.toml", "two");
  await clock.advance(300);
  assert.equal(changes(), 1);
});

Deno.test("after its end nothing is told or watched", async () => {
  const { files, clock, changes, stop } = watch();
  await settle();
  stop();
  files.write(FILE, "two");
  await clock.advance(60_000);
  assert.equal(changes(), 0);
  assert.equal(files.watched, 0);
});

/** Keeps the next call of a function of the files from ending until it is let go. */
function hold(files: FakeFiles, name: "read" | "realPath"): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  const real = files[name].bind(files) as (path: string) => Promise<never>;
  files[name] = async (path: string) => {
    const result = await real(path);
    await promise;
    return result;
  };
  return resolve;
}

Deno.test("what changes while the file is being read is found as quickly", async () => {
  const { files, clock, changes } = watch();
  await settle();
  const letGo = hold(files, "read");
  files.write("/etc/fw-dns/other", "x");
  await clock.advance(300);
  files.write(FILE, "two");
  letGo();
  await clock.advance(300);
  assert.equal(changes(), 1);
});

Deno.test("an end while it is looking is an end too", async () => {
  for (const name of ["read", "realPath"] as const) {
    const { files, clock, changes, stop } = watch();
    await settle();
    if (name === "realPath") files.realPath = () => Promise.resolve("/srv/new");
    const letGo = hold(files, name);
    files.write(FILE, "two");
    await clock.advance(300);
    stop();
    letGo();
    await clock.advance(60_000);
    assert.deepEqual([changes(), files.watched, clock.timers], [0, 0, 0], name);
  }
});

Deno.test("a file that may not be read any more is told once, as a change that will be refused", async () => {
  const { files, clock, changes } = watch();
  await settle();
  files.write(FILE, namedError("PermissionDenied", "Permission denied"));
  await clock.advance(60_000);
  assert.equal(changes(), 1);
  files.write(FILE, "one");
  await clock.advance(1000);
  assert.equal(changes(), 1);
  files.write(FILE, namedError("PermissionDenied", "Permission denied"));
  await clock.advance(1000);
  assert.equal(changes(), 2);
});
