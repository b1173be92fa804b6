/**
 * Makes one call of many that are asked for at the same moment: a queue hands over batches, and a batch of ten runs costs the ledger one statement
 * instead of ten. `work` answers in the order it was asked. When it fails, each is tried alone, so that one bad apple fails alone.
 */
export function together<Asked, Answer>(work: (batch: readonly Asked[]) => Promise<readonly Answer[]>): (asked: Asked) => Promise<Answer> {
  type Waiting = { asked: Asked; resolve: (answer: Answer) => void; reject: (error: unknown) => void };
  let waiting: Waiting[] = [];

  async function flush(): Promise<void> {
    const batch = waiting;
    waiting = [];
    try {
      const answers = await work(batch.map((one) => one.asked));
      for (const [n, one] of batch.entries()) one.resolve(answers[n] as Answer);
    } catch (error) {
      if (batch.length === 1) return batch[0]?.reject(error);
      for (const one of batch) await work([one.asked]).then(([answer]) => one.resolve(answer as Answer), one.reject);
    }
  }

  return (asked) => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    if (waiting.length === 0) setImmediate(() => flush().catch(() => undefined));
    waiting.push({ asked, resolve, reject });
    return promise;
  };
}
