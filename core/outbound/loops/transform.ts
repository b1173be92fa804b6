import { createHash } from "node:crypto";

/** A client as the projects know them: one address, the names and projects it goes by. */
export type Person = {
  email: string;
  name: string | null;
  company: string | null;
  projects: readonly { id: string; name: string; language: string }[];
};
/** What Loops is told of one address. Values are texts only: it takes scalars, and never `subscribed`, which would put back who has left. */
export type Contact = { email: string; userId: string; firstName: string; lastName: string; source: string; [property: string]: string };

/** The properties that are not every contact's own, and have to exist before they are sent. */
export const PROPERTIES = ["projectNames", "projectIds", "language", "company"] as const;

const NAME_LENGTH = 100;
const VALUE_LENGTH = 500;

/** What is sent for a person. The same person gives the same contact, whatever the order in which the projects were read. */
export function contact(accountScopeId: string, { email, name, company, projects }: Person): Contact {
  const [firstName = "", ...rest] = tidy(name ?? "", NAME_LENGTH * 2).split(" ");
  const sorted = projects.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return {
    email,
    userId: userId(accountScopeId, email),
    firstName: tidy(firstName, NAME_LENGTH),
    lastName: tidy(rest.join(" "), NAME_LENGTH),
    source: "Bellwether",
    // The comma separates, so no name may bring one.
    projectNames: tidy(sorted.map((project) => tidy(project.name.replaceAll(",", " "), NAME_LENGTH)).join(","), VALUE_LENGTH),
    projectIds: cut(sorted.map((project) => project.id).join(","), VALUE_LENGTH),
    language: sorted[0]?.language ?? "",
    company: tidy(company ?? "", NAME_LENGTH),
  };
}

/** Our own name for an address in a studio: the same for ever, and telling nothing of either. */
export function userId(accountScopeId: string, email: string): string {
  return `bw_${createHash("sha256").update(`${accountScopeId}:${email}`).digest("hex").slice(0, 32)}`;
}

/** Of what is sent: another one means there is something new to tell. */
export function fingerprint(given: Contact): string {
  return createHash("sha256")
    .update(JSON.stringify(Object.entries(given).toSorted(([a], [b]) => (a < b ? -1 : 1))))
    .digest("hex");
}

/** A name as a letter may begin with it: one line, no control or formatting characters, no braces for a mail template to read, not endless. */
function tidy(text: string, length: number): string {
  return cut(
    text
      .toWellFormed()
      .replaceAll(/[\p{C}{}<>]/gu, " ")
      .replaceAll(/\s+/g, " ")
      .trim(),
    length,
  );
}

const cut = (text: string, length: number): string => [...text].slice(0, length).join("").trim();
