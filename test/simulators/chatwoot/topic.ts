/** Templates of project talk. Slots: {screen} {day} {amount} {n} {file} {name} {agent}. */
export type Topic = {
  label: string;
  open: readonly string[];
  client: readonly string[];
  agent: readonly string[];
  note: readonly string[];
};
export type Language = {
  topics: readonly Topic[];
  smallTalk: readonly string[];
  screens: readonly string[];
  days: readonly string[];
  long: readonly string[];
  resolved: readonly string[];
};
