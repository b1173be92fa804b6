import { performance } from "node:perf_hooks";

/** What one run may use. Time is the process's own monotonic clock: the product's may be moved, a function's timeout may not. */
export type Budget = {
  /** Counts upstream requests about to be made. */
  spend(requests: number): void;
  /** True while there is time and requests left for another piece of work. */
  left(): boolean;
  inTime(): boolean;
  /** Requests it allows; 0: any number. */
  readonly limit: number;
  readonly requests: number;
  readonly signal: AbortSignal;
};

let stopping = false;

/** Ends every budget of this process: what runs now stops at its next page and hands on. For a process that was asked to end. */
export function stopAll(): void {
  stopping = true;
}

export function budget(limits: { seconds: number; requests: number }): Budget {
  const until = performance.now() + limits.seconds * 1_000;
  const inTime = () => !stopping && performance.now() < until;
  return counting(inTime, limits.requests, AbortSignal.timeout(limits.seconds * 1_000), () => undefined);
}

/** So many equal shares of a budget: each has its own part of the requests, so that one that asks much leaves the others theirs. */
export function shares(whole: Budget, count: number): Budget[] {
  const each = whole.limit === 0 ? 0 : Math.max(1, Math.floor(whole.limit / count));
  return Array.from({ length: count }, () => counting(whole.inTime, each, whole.signal, whole.spend));
}

function counting(inTime: () => boolean, limit: number, signal: AbortSignal, spend: (requests: number) => void): Budget {
  let spent = 0;
  return {
    spend: (requests) => {
      spent += requests;
      spend(requests);
    },
    inTime,
    left: () => inTime() && (limit === 0 || spent < limit),
    limit,
    get requests() {
      return spent;
    },
    signal,
  };
}
