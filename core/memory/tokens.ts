/** What the vendor allows (CreateEmbeddingRequest.input): tokens of one text, texts and tokens of one request. */
export const CAPS = { tokens: 8_192, texts: 2_048, total: 300_000 } as const;

/** How many tokens a text may be at most, near enough: two and a half bytes each, where English has four and Russian more than three. */
export const tokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / 2.5);

/** The beginning of a text that is sure to fit into so many tokens, never ending in half a character. */
export function fitting(text: string, most: number = CAPS.tokens): string {
  if (tokens(text) <= most) return text;
  return Buffer.from(text)
    .subarray(0, Math.floor(most * 2.5))
    .toString()
    .replace(/\ufffd+$/, "");
}

/** Texts in as few requests as `most` texts and the vendor's sum of tokens allow, in order. */
export function requests(texts: readonly string[], most: number = CAPS.texts): string[][] {
  const batches: string[][] = [];
  let left = 0;
  for (const text of texts) {
    const needed = tokens(text);
    const last = batches.at(-1);
    if (last && last.length < most && needed <= left) last.push(text);
    else batches.push([text]);
    left = (batches.at(-1)?.length === 1 ? CAPS.total : left) - needed;
  }
  return batches;
}
