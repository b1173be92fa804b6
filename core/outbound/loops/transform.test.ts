import { expect, test } from "vitest";
import * as Transform from "#core/outbound/loops/transform.ts";

const ACCOUNT = "00000000-0000-4000-8000-000000000001";
const oak = { id: "b", name: "Oakline", language: "en" };
const elm = { id: "a", name: "Elm, Ash & Co", language: "ru" };
const person = (more: Partial<Transform.Person>): Transform.Person => ({
  email: "anna@client.test",
  name: "Анна Петрова",
  company: null,
  projects: [oak],
  ...more,
});
const contact = (more: Partial<Transform.Person> = {}) => Transform.contact(ACCOUNT, person(more));

test("a person becomes one contact of texts only, with our own id and without `subscribed`", () => {
  expect(contact({ projects: [oak, elm], company: "Oak Ltd" })).toEqual({
    email: "anna@client.test",
    userId: expect.stringMatching(/^bw_[0-9a-f]{32}$/),
    firstName: "Анна",
    lastName: "Петрова",
    source: "Bellwether",
    projectNames: "Elm Ash & Co,Oakline",
    projectIds: "a,b",
    language: "ru",
    company: "Oak Ltd",
  });
});

test("the id is the address's for ever, and another studio's is another", () => {
  expect(contact({ name: "Other" }).userId).toBe(contact().userId);
  expect(Transform.userId("00000000-0000-4000-8000-000000000002", "anna@client.test")).not.toBe(contact().userId);
});

test("what is sent has one fingerprint, whatever the order of the projects; a change has another", () => {
  const print = (more: Partial<Transform.Person>) => Transform.fingerprint(contact(more));
  expect(print({ projects: [elm, oak] })).toBe(print({ projects: [oak, elm] }));
  expect(print({ name: "Anna" })).not.toBe(print({}));
});

test.each([
  ["  many\t spaces\n and lines ", "many", "spaces and lines"],
  ["{{contact.secret}} <script>", "contact.secret", "script"],
  ["\u202eevil\u202c name\u0000\ud800", "evil", "name \ufffd"],
  ["=HYPERLINK(1)", "=HYPERLINK(1)", ""],
  ["", "", ""],
])("the name %j is sent as %j, %j", (name, firstName, lastName) => {
  expect(contact({ name })).toMatchObject({ firstName, lastName });
});

test("nothing is endless, and no character is cut in two", () => {
  const {
    firstName,
    lastName,
    projectNames = "",
  } = contact({
    name: `${"😀".repeat(150)} ${"я".repeat(5_000)}`,
    projects: Array.from({ length: 50 }, (_, n) => ({ id: String(n), name: "П".repeat(99), language: "ru" })),
  });
  expect([...firstName]).toHaveLength(100);
  expect(lastName.length).toBeLessThanOrEqual(100);
  expect(projectNames.length).toBeLessThanOrEqual(500);
  expect(firstName.isWellFormed()).toBe(true);
});
