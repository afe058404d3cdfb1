/** Names that mean a machine of one's own network. */
const privateName =
  /^(?:localhost|.*\.localhost|.*\.local|.*\.internal|.*\.lan|.*\.home\.arpa|[^.]+)$/;

const loopback = /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\])$/;

/**
 * Whether a Worker that was asked under this URL runs on the machine of whoever asks. Deployed it
 * cannot be: Cloudflare leads no such name to it.
 */
export function isOwnMachine(url: string): boolean {
  return loopback.test(URL.parse(url)?.hostname.toLowerCase() ?? "");
}

/**
 * Why a deployed Worker cannot, or must not, be sent to an address; null when it can. Workers reach
 * public names only: https://developers.cloudflare.com/workers/platform/known-issues/#fetch-to-ip-addresses
 */
export function unreachableAddress(baseUrl: string): string | null {
  const hostname = URL.parse(baseUrl)?.hostname.toLowerCase().replace(/\.$/, "");
  if (hostname === undefined) return "it is not a URL";
  // `URL` writes every form of IPv4 address as four numbers, and IPv6 in brackets.
  if (hostname.startsWith("[") || /^\d+(?:\.\d+){3}$/.test(hostname)) {
    return `${hostname} is an IP address; a deployed Worker needs a public host name, as a tunnel gives it`;
  }
  if (!privateName.test(hostname)) return null;
  return `${hostname} is a private address, which a deployed Worker cannot reach; put a tunnel in front, or name a transport`;
}
