import * as z from "zod";
import * as Clock from "#core/clock.ts";

/** An instant that the database can hold. */
export const instant = z.coerce.date().refine((at) => Clock.storable(at.getTime()), "not in the years 1 to 9999");
