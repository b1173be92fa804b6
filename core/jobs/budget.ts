import { performance } from "node:perf_hooks";

/** What one run may use. Time is the process's own monotonic clock: the product's may be moved, a function's timeout may not. */
export type Budget = {
  /** Counts upstream requests about to be made. */
  spend(requests: number): void;
  /** True while there is time and requests left for another piece of work. */
  left(): boolean;
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
  const signal = AbortSignal.timeout(limits.seconds * 1_000);
  let spent = 0;
  return {
    spend: (requests) => {
      spent += requests;
    },
    left: () => !stopping && performance.now() < until && (limits.requests === 0 || spent < limits.requests),
    get requests() {
      return spent;
    },
    signal,
  };
}
