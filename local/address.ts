import { isIP } from "node:net";

/**
 * The address a request comes from. Each proxy adds whom it saw to the end of X-Forwarded-For, so what stands left of the entries that `proxies` trusted
 * ones made was written by anybody; with none trusted, the header is.
 */
export function addressOf(socket: string | undefined, forwardedFor: string | undefined, proxies: number): string {
  const direct = socket ?? "unknown";
  const seen = [...(forwardedFor?.split(",") ?? []), direct];
  const believed = seen[Math.max(0, seen.length - 1 - proxies)] ?? direct;
  return bare(believed) ?? direct;
}

/** An entry without its port or brackets; undefined for what is no address. */
function bare(entry: string): string | undefined {
  const text = entry.trim();
  const plain = /^\[(.+)\](:\d+)?$/.exec(text)?.[1] ?? (isIP(text) ? text : text.replace(/:\d+$/, ""));
  return isIP(plain) ? plain : undefined;
}
