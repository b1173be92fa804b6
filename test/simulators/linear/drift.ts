/**
 * Known drift: the stored schema is of July 2026, @linear/sdk 98 of October. Its default fragments ask for these; each type is as the SDK declares it.
 */
export const DRIFT = `
  extend type Organization {
    defaultHomeViewTargetId: String
    suggestedBranchNameEnabled: Boolean!
  }
  extend type Team {
    viewerMembership: TeamMembership
    viewerCanJoin: Boolean!
    viewerCanLeave: Boolean!
  }
  extend type Project {
    resourceCount: Int!
  }
  extend type IssueLabel {
    groupType: LabelGroupType
  }
  extend type Document {
    owner: User
  }
  enum LabelGroupType {
    multiSelect
    singleSelect
  }
`;
