import assert from "node:assert/strict";
import { ReplaceError, replaceFile } from "../../src/host/mod.ts";
import { FakeFiles, FakeFileWriter, namedError } from "../support/fake_host.ts";

const FILE = "/etc/fw-dns/policy.toml";
const BESIDE = "/etc/fw-dns/.policy.toml.fw-dns-new";
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const WHAT = { file: FILE, known: bytes("old"), content: bytes("new") };

function machine(): { files: FakeFiles; fileWriter: FakeFileWriter; isRoot: boolean } {
  const files = new FakeFiles({ [FILE]: "old" });
  files.factsOf.set(FILE, { uid: 3, gid: 7, mode: 0o640, isFolder: false });
  return { files, fileWriter: new FakeFileWriter(files), isRoot: true };
}

/** Refuses steps that begin so. */
function refuse(writer: FakeFileWriter, start: string, name: string): void {
  writer.onStep = (what) => {
    if (what.startsWith(start)) throw namedError(name, "Refused");
  };
}

Deno.test("the new file has owner, group and bits of the old one before it is in its place", async () => {
  const host = machine();
  assert.deepEqual(await replaceFile(host, WHAT), { path: FILE, warnings: [] });
  assert.deepEqual(host.fileWriter.done, [
    `create ${BESIDE}`,
    `owner ${BESIDE} :7`,
    `mode ${BESIDE} 640`,
    `owner ${BESIDE} 3:`,
    `rename ${BESIDE} ${FILE}`,
  ]);
  assert.deepEqual(host.files.contents, { [FILE]: "new" });
});

Deno.test("of a symbolic link the target is replaced", async () => {
  const host = machine();
  host.files.links["/link.toml"] = FILE;
  assert.equal((await replaceFile(host, { ...WHAT, file: "/link.toml" })).path, FILE);
  assert.deepEqual(host.files.contents, { [FILE]: "new" });
});

Deno.test("a file that was changed meanwhile stays as it is", async () => {
  for (const step of ["create", "mode", "owner"]) {
    const host = machine();
    host.fileWriter.onStep = (what) => {
      if (what.startsWith(step)) host.files.contents[FILE] = "other";
    };
    await assert.rejects(replaceFile(host, WHAT), /ReplaceError: it was changed by somebody else/);
    assert.deepEqual(host.files.contents, { [FILE]: "other" }, step);
  }
});

Deno.test("a link that was put elsewhere meanwhile is a change too", async () => {
  const host = machine();
  host.files.links["/link.toml"] = FILE;
  host.files.contents["/other.toml"] = "old";
  host.fileWriter.onStep = () => host.files.links["/link.toml"] = "/other.toml";
  await assert.rejects(replaceFile(host, { ...WHAT, file: "/link.toml" }), ReplaceError);
  assert.deepEqual(host.files.contents, { [FILE]: "old", "/other.toml": "old" });
});

Deno.test("two at once: the second says so, and leaves the first one's file alone", async () => {
  const host = machine();
  host.files.contents[BESIDE] = "the first one's";
  await assert.rejects(replaceFile(host, WHAT), /another fw-dns allow is changing it/);
  assert.deepEqual(host.files.contents, { [FILE]: "old", [BESIDE]: "the first one's" });
});

Deno.test("whatever step fails, the file is as it was and nothing lies beside it", async () => {
  for (const step of ["create", `owner ${BESIDE} :7`, "mode", `owner ${BESIDE} 3:`, "rename"]) {
    const host = machine();
    refuse(host.fileWriter, step, "Disk");
    await assert.rejects(replaceFile(host, WHAT), /Refused/);
    assert.deepEqual(host.files.contents, { [FILE]: "old" }, step);
  }
});

Deno.test("a group that cannot be kept is a reason not to, an owner is a warning", async () => {
  const host = machine();
  refuse(host.fileWriter, `owner ${BESIDE} :7`, "PermissionDenied");
  await assert.rejects(
    replaceFile(host, WHAT),
    /it belongs to group 7, .* as a member of the group/,
  );
  assert.deepEqual(host.files.contents, { [FILE]: "old" });
  refuse(host.fileWriter, `owner ${BESIDE} 3:`, "PermissionDenied");
  const { warnings } = await replaceFile(host, WHAT);
  assert.deepEqual(warnings, ["it belongs to user 0 now, and did to 3"]);
  assert.deepEqual(host.files.contents, { [FILE]: "new" });
});

Deno.test("root gives nothing away where others could put another file in its place", async () => {
  const folders: readonly [string, number, number, RegExp | undefined][] = [
    ["/etc/fw-dns", 3, 0o755, /user 3 may write into \/etc\/fw-dns, /],
    ["/etc/fw-dns", 0, 0o775, /others than root may write into \/etc\/fw-dns, /],
    ["/etc/fw-dns", 0, 0o757, /others than root may write/],
    ["/etc/fw-dns", 0, 0o1777, undefined],
  ];
  for (const [folder, uid, mode, expected] of folders) {
    const host = machine();
    host.files.factsOf.set(folder, { uid, gid: 0, mode, isFolder: true });
    const replaced = replaceFile(host, WHAT);
    if (expected === undefined) await replaced;
    else {
      await assert.rejects(replaced, expected);
      assert.deepEqual(host.files.contents, { [FILE]: "old" });
      assert.deepEqual(host.fileWriter.done, []);
    }
  }
});

Deno.test("who is not root can give nothing away, whoever may write into the folder", async () => {
  const host = { ...machine(), isRoot: false };
  host.files.factsOf.set("/etc/fw-dns", { uid: 3, gid: 7, mode: 0o775, isFolder: true });
  await replaceFile(host, WHAT);
  assert.deepEqual(host.files.contents, { [FILE]: "new" });
});
