import { type Client, TEAM } from "#test/simulators/cast.ts";
import { PLACES, WORDS } from "#test/simulators/linear/words.ts";
import type { Draw } from "#test/simulators/random.ts";

/** What a text is about: the same screen and part all through it. */
export type Subject = { client: Client; place: string; part: string };

export function subject(client: Client, draw: Draw): Subject {
  const { places, parts } = PLACES[client.key] ?? { places: [client.project], parts: [client.company] };
  return { client, place: draw.pick(places), part: draw.pick(parts) };
}

/** A template with its slots filled, beginning with a capital letter. */
export function said(template: string, about: Subject, draw: Draw): string {
  const { client, place, part } = about;
  const words = WORDS[client.language];
  const { places } = PLACES[client.key] ?? { places: [place] };
  const slots: Readonly<Record<string, () => string>> = {
    place: () => place,
    part: () => part,
    device: () => draw.pick(words.devices),
    n: () => String(2 + draw.below(47)),
    who: () => client.contacts[0]?.name ?? client.company,
    other: () => client.contacts.at(-1)?.name ?? client.company,
    mate: () => draw.pick(TEAM).name.split(" ")[0] ?? "",
    company: () => client.company,
    list: () => bullets(places.slice(0, 6), ""),
    checks: () => bullets(words.checks, "[ ] "),
  };
  return template
    .replace(/\{(\w+)\}/g, (whole, slot: string) => slots[slot]?.() ?? whole)
    .replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
}

export const bullets = (lines: readonly string[], mark: string): string => lines.map((line) => `- ${mark}${line}`).join("\n");

/** A document of sections with headings. */
export function paper(client: Client, sections: readonly (readonly [string, string])[], draw: Draw): string {
  const about = subject(client, draw);
  return sections.map(([heading, body]) => `## ${said(heading, about, draw)}\n\n${said(body, about, draw)}`).join("\n\n");
}
