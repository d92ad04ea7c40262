/** Certificates for a DNS-over-TLS upstream, good and bad ones, made by openssl. */

import { join } from "node:path";

/** What an upstream shows: files with a certificate and its key, as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** The name that the good ones are for. */
export const TLS_NAME = "dns.example";

/** Everything in one folder; each certificate is signed by `ca`, but for the one that says otherwise. */
export interface Certificates {
  readonly folder: string;
  /** The roots that a policy names as `ca_file`. */
  readonly ca: string;
  /** For {@linkcode TLS_NAME}, from an hour ago to in a month. */
  readonly good: Certificate;
  /** Its time was over an hour ago. */
  readonly expired: Certificate;
  /** Its time begins in a month. */
  readonly early: Certificate;
  /** For another name. */
  readonly otherName: Certificate;
  /** For the right name, from another CA, whose roots are in `otherCa`. */
  readonly byOtherCa: Certificate;
  readonly otherCa: string;
  /** Signed by nobody but itself. */
  readonly selfSigned: Certificate;
  /** What a policy calls `pin`: the key of `good` as RFC 7858 4.2 has it. */
  readonly pin: string;
  [Symbol.dispose](): void;
}

const HOUR = 3_600_000;
const MONTH = 30 * 24 * HOUR;

/** As openssl writes times: `20261129040000Z`. */
function time(fromNow: number): string {
  return `${new Date(Date.now() + fromNow).toISOString().replaceAll(/[-:T]|\..*/g, "")}Z`;
}

async function openssl(folder: string, ...args: string[]): Promise<Uint8Array> {
  const { success, stdout, stderr } = await new Deno.Command("openssl", {
    args,
    env: { FOLDER: folder },
    stdin: "null",
  }).output();
  if (!success) throw new Error(`openssl ${args[0]}: ${new TextDecoder().decode(stderr)}`);
  return stdout;
}

interface Wanted {
  readonly name: string;
  /** When it begins and ends, in ms from now. */
  readonly from?: number;
  readonly to?: number;
  /** Who signs it; itself where nobody does. */
  readonly by?: Certificate;
  readonly isCa?: boolean;
}

/** `openssl ca` alone can set both times, in all versions; this is all that it wants to be told. */
const CONFIG = `[ca]
default_ca = own
[own]
database = $ENV::FOLDER/index.txt
new_certs_dir = $ENV::FOLDER
serial = $ENV::FOLDER/serial
default_md = sha256
policy = any
unique_subject = no
copy_extensions = copy
[any]
commonName = supplied
`;

async function make(folder: string, file: string, wanted: Wanted): Promise<Certificate> {
  const { name, from = -HOUR, to = MONTH, by, isCa = false } = wanted;
  const made = { cert: join(folder, `${file}.crt`), key: join(folder, `${file}.key`) };
  const request = join(folder, `${file}.csr`);
  await openssl(
    folder,
    ...["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
    ...["-keyout", made.key, "-out", request, "-subj", `/CN=${name}`],
    ...["-addext", `basicConstraints=critical,CA:${isCa ? "TRUE" : "FALSE"}`],
    ...(isCa ? [] : ["-addext", `subjectAltName=DNS:${name}`]),
  );
  await openssl(
    folder,
    ...["ca", "-config", join(folder, "ca.conf"), "-batch", "-notext", "-rand_serial"],
    ...["-in", request, "-out", made.cert, "-startdate", time(from), "-enddate", time(to)],
    ...(by === undefined
      ? ["-selfsign", "-keyfile", made.key]
      : ["-cert", by.cert, "-keyfile", by.key]),
  );
  return made;
}

async function pinOf(folder: string, { cert }: Certificate): Promise<string> {
  const [key, der] = [join(folder, "key.pem"), join(folder, "key.der")];
  Deno.writeFileSync(key, await openssl(folder, "x509", "-in", cert, "-noout", "-pubkey"));
  await openssl(folder, "pkey", "-pubin", "-in", key, "-outform", "DER", "-out", der);
  const digest = await crypto.subtle.digest("SHA-256", Deno.readFileSync(der));
  return `sha256/${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}

/** Makes all of them; disposing removes the folder. Throws where openssl fails. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = Deno.makeTempDirSync({ prefix: "fw-dns-certificates-" });
  Deno.writeTextFileSync(join(folder, "ca.conf"), CONFIG);
  Deno.writeTextFileSync(join(folder, "index.txt"), "");
  const ca = await make(folder, "ca", { name: "A CA", isCa: true });
  const otherCa = await make(folder, "other-ca", { name: "Another CA", isCa: true });
  const good = await make(folder, "good", { name: TLS_NAME, by: ca });
  const past = { from: -MONTH, to: -HOUR };
  const future = { from: MONTH, to: 2 * MONTH };
  return {
    folder,
    ca: ca.cert,
    good,
    expired: await make(folder, "expired", { name: TLS_NAME, by: ca, ...past }),
    early: await make(folder, "early", { name: TLS_NAME, by: ca, ...future }),
    otherName: await make(folder, "other-name", { name: "other.example", by: ca }),
    byOtherCa: await make(folder, "by-other-ca", { name: TLS_NAME, by: otherCa }),
    otherCa: otherCa.cert,
    selfSigned: await make(folder, "self-signed", { name: TLS_NAME }),
    pin: await pinOf(folder, good),
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
}
