/** `invalid`: the vendor does not offer this. `unknown-param`: it would ignore part of it. `sim-drift`: our own answer is not the vendor's. */
export type Verdict = "ok" | "unknown-param" | "invalid" | "sim-drift";
export type Entry = {
  n: number;
  at: number;
  method: string;
  path: string;
  query: Record<string, string>;
  route: string;
  status: number;
  verdict: Verdict;
  problems: string[];
  fault: string | undefined;
};
export type RequestLog = { entries: Entry[]; total: number; keep: number };

/** Keeps the newest `keep` requests and counts all of them. */
export function requestLog(keep = 50_000): RequestLog {
  return { entries: [], total: 0, keep };
}

export function write(log: RequestLog, entry: Omit<Entry, "n">): void {
  log.total += 1;
  log.entries.push({ n: log.total, ...entry });
  if (log.entries.length > log.keep * 1.5) log.entries.splice(0, log.entries.length - log.keep);
}

export function clear(log: RequestLog): void {
  log.entries.length = 0;
  log.total = 0;
}

/** What a test's afterEach refuses: requests the vendor would not have understood, and answers it would not have given. */
export function faulty(log: RequestLog): Entry[] {
  return log.entries.filter((entry) => entry.verdict !== "ok");
}
