/**
 * Public resolvers that speak DNS over HTTPS, TLS, QUIC or DNSCrypt, as of November 2026.
 *
 * Taken from what their operators publish, with the "Known DNS Providers" of AdGuard DNS and the list
 * DoH-IP-blocklists as cross-checks. Whole networks stand here where they serve DNS alone: some operators
 * give each customer an address of its own. It can never be whole: anyone can run such a server anywhere.
 */

/** An operator and its resolvers' addresses and networks. */
export interface KnownResolver {
  readonly operator: string;
  readonly addresses: readonly string[];
}

/** The resolvers; no address stands here twice, and no network holds another. */
export const KNOWN_RESOLVERS: readonly KnownResolver[] = [
  known("Google", "8.8.8.0/24 8.8.4.0/24 2001:4860:4860::/48"),
  known(
    "Cloudflare",
    "1.1.1.0/24 1.0.0.0/24 162.159.36.1 162.159.46.1 104.16.248.249 104.16.249.249 " +
      "2606:4700:4700::/48 2606:4700::6810:f8f9 2606:4700::6810:f9f9",
  ),
  known(
    "Cloudflare, for Chrome, Firefox and Opera",
    "162.159.61.0/28 162.159.62.0/28 172.64.41.0/28 172.64.42.0/28 " +
      "2803:f800:53::/64 2803:f800:54::/64 2a06:98c1:52::/64 2a06:98c1:53::/64",
  ),
  known("Quad9", "9.9.9.0/24 149.112.112.0/24 149.112.149.112 2620:fe::/48"),
  known(
    "Cisco OpenDNS and Umbrella",
    "208.67.220.0/24 208.67.222.0/24 146.112.41.0/28 2620:119:35::/48 2620:119:53::/48 " +
      "2620:119:fc::/48 2620:0:ccc::/48 2620:0:ccd::/48",
  ),
  known("AdGuard", "94.140.14.0/24 94.140.15.0/24 2a10:50c0::/32"),
  known("NextDNS", "45.90.28.0/24 45.90.30.0/24 2a07:a8c0::/32 2a07:a8c1::/32"),
  known("Control D", "76.76.2.0/24 76.76.10.0/24 2606:1a40::/48 2606:1a40:1::/48"),
  known(
    "CleanBrowsing",
    "185.228.168.0/24 185.228.169.0/24 2a0d:2a00:1::/48 2a0d:2a00:2::/48",
  ),
  known("Mullvad", "194.242.2.0/24 2a07:e340::/64"),
  known("DNS4EU", "86.54.11.0/24 2a13:1001::86:54:11:0/112"),
  known("DNS0", "193.110.81.0/24 185.253.5.0/24 2a0f:fc80::/64 2a0f:fc81::/64"),
  known("DNS.SB", "185.222.222.222 45.11.45.11 2a09:: 2a11::"),
  known(
    "CIRA Canadian Shield",
    "149.112.121.0/24 149.112.122.0/24 2620:10a:80bb::/48 2620:10a:80bc::/48",
  ),
  known(
    "Vercara UltraDNS (Neustar, Verisign)",
    "64.6.64.6 64.6.65.6 156.154.70.0/24 156.154.71.0/24 2620:74:1b::1:1 2620:74:1c::2:2 " +
      "2610:a1:1018::/48 2610:a1:1019::/48",
  ),
  known(
    "Level3 (Lumen)",
    "4.2.2.1 4.2.2.2 4.2.2.3 4.2.2.4 4.2.2.5 4.2.2.6 209.244.0.3 209.244.0.4",
  ),
  known("Comodo", "8.26.56.26 8.20.247.20 8.20.247.2 2a02:1788:8ff::1 2a02:1788:8ff::2"),
  known("Hurricane Electric", "74.82.42.42 2001:470:20::2"),
  known("Oracle Dyn", "216.146.35.35 216.146.36.36"),
  known("SafeDNS", "195.46.39.39 195.46.39.40"),
  known("Surfshark", "194.169.169.169 2a09:a707:169::"),
  known("Comcast Xfinity", "96.106.7.234 96.113.151.145 2001:558:fd00:ca::a"),
  known(
    "Yandex",
    "77.88.8.1 77.88.8.2 77.88.8.3 77.88.8.7 77.88.8.8 77.88.8.88 2a02:6b8::feed:ff " +
      "2a02:6b8::feed:bad 2a02:6b8::feed:a11 2a02:6b8:0:1::feed:ff 2a02:6b8:0:1::feed:bad " +
      "2a02:6b8:0:1::feed:a11",
  ),
  known("AliDNS", "223.5.5.5 223.6.6.6 2400:3200::1 2400:3200:baba::1"),
  known("DNSPod", "119.29.29.29 1.12.12.12 120.53.53.53 2402:4e00::"),
  known("114DNS", "114.114.114.0/24 114.114.115.0/24"),
  known("360", "101.226.4.6 218.30.118.6 123.125.81.6 140.207.198.6 101.198.192.33 101.198.193.29"),
  known("Quad101 (TWNIC)", "101.101.101.101 101.102.103.104 2001:de4::101 2001:de4::102"),
  known("IIJ", "103.2.57.5 103.2.57.6 2001:300::5 2001:300::6"),
  known("Wikimedia", "185.71.138.138 2001:67c:930::1"),
  known("CZ.NIC ODVR", "193.17.47.1 185.43.135.1 2001:148f:ffff::1 2001:148f:fffe::1"),
  known("SWITCH", "130.59.31.248 130.59.31.251 2001:620:0:ff::2 2001:620:0:ff::3"),
  known("Digitale Gesellschaft", "185.95.218.42 185.95.218.43 2a05:fc84::42 2a05:fc84::43"),
  known("Applied Privacy", "146.255.56.98 2a02:1b8:10:234::2"),
  known("UncensoredDNS", "91.239.100.100 89.233.43.71 2001:67c:28a4:: 2a01:3a0:53:53::"),
  known("Njalla", "95.215.19.53 2001:67c:2354:2::53"),
  known("DNS.Watch", "84.200.69.80 84.200.70.40"),
];

function known(operator: string, addresses: string): KnownResolver {
  return { operator, addresses: addresses.split(" ") };
}
