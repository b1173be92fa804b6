import * as z from "zod";
import * as Clock from "#core/clock.ts";

const DAY_MS = 86_400_000;

/** A calendar day, with the one after it, that the database can hold in any time zone. */
export const day = z.iso
  .date()
  .refine(
    (text) => Clock.storable(Date.parse(text) - DAY_MS) && Clock.storable(Date.parse(text) + 2 * DAY_MS),
    "not in the years 1 to 9999",
  );
