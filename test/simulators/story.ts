import { BRIGHTPIER } from "#test/simulators/stories/brightpier.ts";
import { OAKLINE } from "#test/simulators/stories/oakline.ts";
import { SEVCHAI } from "#test/simulators/stories/sevchai.ts";
import { TULPAR } from "#test/simulators/stories/tulpar.ts";

/**
 * What happens between the demo's studio and its four clients, told once for all three sources: the chats ask for it, tasks carry it out, deals pay for it.
 * Days count from the demo's present: negative is past.
 */
export type Stage = "Discovery" | "Qualified" | "Proposal" | "Negotiation" | "Won" | "Lost";
export type StoryIssue = {
  key: string;
  title: string;
  description: string;
  state: "Backlog" | "Todo" | "In Progress" | "In Review" | "Done" | "Canceled";
  assignee?: string;
  createdDay: number;
  dueDay?: number;
  estimate?: number;
  labels?: readonly string[];
  /** Keys of the issues that block it. */
  blockedBy?: readonly string[];
  comments?: readonly { by: string; day: number; body: string }[];
};
export type StoryDeal = {
  title: string;
  /** The stages it went through, with the day of each; the last one is where it stands. */
  stages: readonly { stage: Stage; day: number }[];
  amount: number;
  currency: "EUR" | "USD" | "RUB" | "KZT";
  closeDay: number;
  nextStep: string;
  owner: string;
  contacts: readonly string[];
};
export type StoryNote = { title: string; body: string; by: string; day: number; about: "company" | "deal" };
export type Story = { client: string; deals: readonly StoryDeal[]; issues: readonly StoryIssue[]; notes: readonly StoryNote[] };

export const STORIES: readonly Story[] = [OAKLINE, SEVCHAI, BRIGHTPIER, TULPAR];
