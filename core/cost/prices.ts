/** US dollars per million tokens, from a day on. Input is counted at its full price, though a vendor may give part of it for less. */
type Price = { model: string; from: string; input: number; output: number };

/** What models cost at OpenAI. A change of price is a new line. */
export const PRICES: readonly Price[] = [
  // https://developers.openai.com/api/docs/models/text-embedding-3-large (names both)
  { model: "text-embedding-3-small", from: "2024-01-25", input: 0.02, output: 0 },
  { model: "text-embedding-3-large", from: "2024-01-25", input: 0.13, output: 0 },
  { model: "text-embedding-ada-002", from: "2023-06-13", input: 0.1, output: 0 },
  // https://developers.openai.com/api/docs/pricing
  { model: "gpt-5-nano", from: "2025-08-07", input: 0.05, output: 0.4 },
  { model: "gpt-5-mini", from: "2025-08-07", input: 0.25, output: 2 },
  { model: "gpt-5.4-mini", from: "2026-03-17", input: 0.75, output: 4.5 },
  { model: "gpt-5.4-nano", from: "2026-03-17", input: 0.2, output: 1.25 },
  { model: "gpt-5.6-luna", from: "2026-07-09", input: 1, output: 6 },
  { model: "gpt-5.6-luna", from: "2026-07-30", input: 0.2, output: 1.2 },
  { model: "gpt-5.6-terra", from: "2026-07-30", input: 2, output: 12 },
  { model: "gpt-6-luna", from: "2026-09-22", input: 0.1, output: 0.5 },
];

export type Tokens = { input: number; output: number };

/** Whether an address is OpenAI's own, where every call is on the bill. */
export function isVendors(baseUrl: string): boolean {
  const { hostname } = new URL(baseUrl);
  return hostname === "openai.com" || hostname.endsWith(".openai.com");
}

/**
 * US dollars for so many tokens of a model at an instant. A model without a price costs nothing at an address of one's own, and is undefined at
 * OpenAI's: what it would cost is not known.
 */
export function cost(model: string, baseUrl: string, at: Date, tokens: Tokens): number | undefined {
  const day = at.toISOString().slice(0, 10);
  const price = PRICES.findLast((one) => one.model === model && one.from <= day);
  if (!price) return isVendors(baseUrl) ? undefined : 0;
  return (tokens.input * price.input + tokens.output * price.output) / 1_000_000;
}
