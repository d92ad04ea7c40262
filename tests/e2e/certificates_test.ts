/** The certificates that tests of TLS rely on are good and bad as they are said to be: openssl judges them. */

import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { type Certificate, makeCertificates, TLS_NAME } from "../support/certificates.ts";

/** What openssl says of a certificate, with these roots and no others, for the name. */
async function verify({ cert }: Certificate, ca: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("openssl", {
    args: [
      ...["verify", "-no-CApath", "-no-CAstore", "-CAfile", ca],
      ...["-verify_hostname", TLS_NAME, cert],
    ],
  }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  return success ? "good" : /error \d+ at \d+ depth lookup: ?(.*)/.exec(text)?.[1] ?? text;
}

Deno.test("one certificate is good, and each of the others is bad for the reason that it is named by", async () => {
  using made = await makeCertificates();
  assert.equal(await verify(made.good, made.ca), "good");
  assert.equal(await verify(made.byOtherCa, made.otherCa), "good");
  assert.match(await verify(made.expired, made.ca), /has expired/);
  assert.match(await verify(made.early, made.ca), /not yet valid/);
  assert.match(await verify(made.otherName, made.ca), /hostname mismatch/i);
  assert.match(await verify(made.byOtherCa, made.ca), /unable to get local issuer/);
  assert.match(await verify(made.selfSigned, made.ca), /self-signed/);
});

Deno.test("the pin is that of the good certificate's key", async () => {
  using made = await makeCertificates();
  const pinOf = ({ cert }: Certificate): string => {
    const { publicKey } = new X509Certificate(Deno.readTextFileSync(cert));
    const der = publicKey.export({ type: "spki", format: "der" });
    return `sha256/${createHash("sha256").update(der).digest("base64")}`;
  };
  assert.equal(made.pin, pinOf(made.good));
  assert.notEqual(made.pin, pinOf(made.expired));
});
