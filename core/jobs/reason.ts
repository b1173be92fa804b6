import * as z from "zod";
import { type Reason, say } from "#core/error.ts";

/** A reason as a person reads it: its code and parameters, said in both languages. */
export const ReasonInfo = z
  .object({ code: z.string(), params: z.record(z.string(), z.union([z.string(), z.number()])), en: z.string(), ru: z.string() })
  .nullable();
export type ReasonInfo = z.infer<typeof ReasonInfo>;

export const told = (why: Reason | null): ReasonInfo =>
  why && { code: why.code, params: why.params, en: say(why, "en"), ru: say(why, "ru") };

/** A row whose `reason` is as it is stored, with the reason said. */
export const saying = <Row extends { reason: Reason | null }>(row: Row): Omit<Row, "reason"> & { reason: ReasonInfo } => ({
  ...row,
  reason: told(row.reason),
});
