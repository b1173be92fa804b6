import type { Story } from "#test/simulators/story.ts";

export const BRIGHTPIER: Story = {
  client: "brightpier",
  deals: [
    {
      title: "Brightpier mobile app",
      stages: [
        { stage: "Proposal", day: -120 },
        { stage: "Negotiation", day: -104 },
        { stage: "Won", day: -90 },
      ],
      amount: 86_000,
      currency: "USD",
      closeDay: -90,
      nextStep: "Release candidate to the stores",
      owner: "Marek Dvorak",
      contacts: ["Dana Whitlock", "Luis Ortega"],
    },
    {
      title: "Brightpier support retainer",
      stages: [
        { stage: "Qualified", day: -19 },
        { stage: "Proposal", day: -3 },
      ],
      amount: 24_000,
      currency: "USD",
      closeDay: 32,
      nextStep: "Walk Dana through the service levels",
      owner: "Marek Dvorak",
      contacts: ["Dana Whitlock"],
    },
  ],
  issues: [
    {
      key: "review",
      title: "Security review by Brightpier's bank",
      description: "The bank's questionnaire has 140 questions. Luis owns it on the client's side.",
      state: "In Progress",
      assignee: "Nadia Rahimi",
      createdDay: -18,
      dueDay: 6,
    },
    {
      key: "release",
      title: "Release candidate 1.0",
      description: "Both stores, staged rollout at 5 %.",
      state: "Todo",
      assignee: "Лев Орлов",
      createdDay: -10,
      dueDay: 14,
      estimate: 3,
      blockedBy: ["review"],
    },
    {
      key: "biometric",
      title: "Face unlock fails after an app update",
      description: "The key is bound to the old set of biometrics.",
      state: "In Review",
      assignee: "Tom Whitfield",
      createdDay: -7,
      dueDay: 1,
      estimate: 2,
      labels: ["bug"],
      comments: [{ by: "Nadia Rahimi", day: -1, body: "Verified on three devices. One older tablet still asks for the PIN twice." }],
    },
  ],
  notes: [
    {
      title: "Pricing call",
      body: "Dana approved the staged rollout. She needs the retainer proposal before the board meets.",
      by: "Marek Dvorak",
      day: -3,
      about: "deal",
    },
  ],
};
