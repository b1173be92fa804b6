/**
 * What is asked of Linear. `points` is what a document may cost at most, by the vendor's rule (linear.app/developers/rate-limiting): 0.1 a property, 1 an
 * object, a connection times its `first`; no query may cost more than 10,000. A test holds every document against the official schema and its points.
 */
export type Document = { name: string; text: string; points: number };

const PAGE = `pageInfo { hasNextPage endCursor }`;

const PERSON = `fragment Person on User { id name displayName email active guest app updatedAt }`;
const TEAM = `fragment TeamFields on Team { id key name updatedAt archivedAt }`;
const STATE = `fragment StateFields on WorkflowState { id name type position updatedAt team { id key } }`;
const CYCLE = `fragment CycleFields on Cycle { id number name startsAt endsAt completedAt progress createdAt updatedAt team { id key } }`;
// What blocks an issue comes with it; a relation that was archived holds no longer, so archived ones stay out.
const BLOCKERS = `fragment Blockers on IssueRelationConnection { nodes { type issue { id archivedAt trashed state { type } } } ${PAGE} }`;

/** Teams, people, workflow states, cycles and projects, each of them optional, each on a page of its own. */
export const WORKSPACE: Document = {
  name: "Workspace",
  points: 2_500,
  text: `
    query Workspace(
      $order: PaginationOrderBy!
      $teams: Boolean!, $teamsAfter: String, $teamsFilter: TeamFilter
      $users: Boolean!, $usersAfter: String, $usersFilter: UserFilter
      $states: Boolean!, $statesAfter: String, $statesFilter: WorkflowStateFilter
      $cycles: Boolean!, $cyclesAfter: String, $cyclesFilter: CycleFilter
      $projects: Boolean!, $projectsAfter: String, $projectsFilter: ProjectFilter
    ) {
      teams(first: 50, after: $teamsAfter, filter: $teamsFilter, orderBy: $order, includeArchived: true) @include(if: $teams) {
        nodes { ...TeamFields } ${PAGE}
      }
      users(first: 50, after: $usersAfter, filter: $usersFilter, orderBy: $order, includeArchived: true, includeDisabled: true) @include(if: $users) {
        nodes { ...Person } ${PAGE}
      }
      states: workflowStates(first: 50, after: $statesAfter, filter: $statesFilter, orderBy: $order, includeArchived: true) @include(if: $states) {
        nodes { ...StateFields } ${PAGE}
      }
      cycles(first: 50, after: $cyclesAfter, filter: $cyclesFilter, orderBy: $order, includeArchived: true) @include(if: $cycles) {
        nodes { ...CycleFields } ${PAGE}
      }
      projects(first: 50, after: $projectsAfter, filter: $projectsFilter, orderBy: $order, includeArchived: true) @include(if: $projects) {
        nodes {
          id slugId name description content health progress startDate targetDate url trashed
          createdAt updatedAt archivedAt completedAt canceledAt
          status { name type } lead { ...Person } teams(first: 10, includeArchived: true) { nodes { id key } ${PAGE} }
        }
        ${PAGE}
      }
    }
    ${TEAM} ${PERSON} ${STATE} ${CYCLE}`,
};

/** Issues with their labels and what blocks them. */
export const ISSUES: Document = {
  name: "Issues",
  points: 7_000,
  text: `
    query Issues($order: PaginationOrderBy!, $issues: Boolean!, $issuesAfter: String, $issuesFilter: IssueFilter) {
      issues(first: 100, after: $issuesAfter, filter: $issuesFilter, orderBy: $order, includeArchived: true) @include(if: $issues) {
        nodes {
          id identifier number title description priority estimate dueDate url trashed
          createdAt updatedAt startedAt completedAt canceledAt archivedAt
          team { ...TeamFields } state { ...StateFields } cycle { ...CycleFields } project { id slugId name } parent { id }
          assignee { ...Person } creator { ...Person } externalUserCreator { id name } botActor { id name }
          labels(first: 10) { nodes { name } ${PAGE} }
          inverseRelations(first: 5) { ...Blockers }
        }
        ${PAGE}
      }
    }
    ${TEAM} ${PERSON} ${STATE} ${CYCLE} ${BLOCKERS}`,
};

/** Comments, with what their issue's routing needs, and documents; each of them optional. */
export const DISCUSSION: Document = {
  name: "Discussion",
  points: 5_000,
  text: `
    query Discussion(
      $order: PaginationOrderBy!
      $comments: Boolean!, $commentsAfter: String, $commentsFilter: CommentFilter
      $documents: Boolean!, $documentsAfter: String, $documentsFilter: DocumentFilter
    ) {
      comments(first: 100, after: $commentsAfter, filter: $commentsFilter, orderBy: $order, includeArchived: true) @include(if: $comments) {
        nodes {
          id body url createdAt updatedAt editedAt archivedAt parentId
          user { ...Person } botActor { id name } externalUser { id name }
          issue { id team { id key } project { id slugId name } labels(first: 10) { nodes { name } ${PAGE} } }
        }
        ${PAGE}
      }
      documents(first: 25, after: $documentsAfter, filter: $documentsFilter, orderBy: $order, includeArchived: true) @include(if: $documents) {
        nodes {
          id title content url trashed createdAt updatedAt archivedAt
          creator { ...Person } project { id } team { id key }
          issue { id team { id key } project { id slugId name } labels(first: 10) { nodes { name } ${PAGE} } }
        }
        ${PAGE}
      }
    }
    ${PERSON}`,
};

/** Every issue by id, with what tells whether its row is as it should be. */
export const ISSUE_IDS: Document = {
  name: "IssueIds",
  points: 4_500,
  text: `
    query IssueIds($issuesAfter: String) {
      issues(first: 250, after: $issuesAfter, orderBy: createdAt, includeArchived: true) {
        nodes { id updatedAt team { id key } project { id slugId name } labels(first: 5) { nodes { name } ${PAGE} } }
        ${PAGE}
      }
    }`,
};

/** Every comment by id. */
export const COMMENT_IDS: Document = {
  name: "CommentIds",
  points: 1_000,
  text: `
    query CommentIds($commentsAfter: String) {
      comments(first: 250, after: $commentsAfter, orderBy: createdAt, includeArchived: true) { nodes { id updatedAt issue { id } } ${PAGE} }
    }`,
};

/** What blocks these issues. */
export const RELATIONS: Document = {
  name: "Relations",
  points: 3_000,
  text: `
    query Relations($issuesAfter: String, $issuesFilter: IssueFilter) {
      issues(first: 100, after: $issuesAfter, filter: $issuesFilter, orderBy: createdAt, includeArchived: true) { nodes { id inverseRelations(first: 5) { ...Blockers } } ${PAGE} }
    }
    ${BLOCKERS}`,
};

/** One record and one of its connections, from a cursor on: what did not fit on an inner page. */
export const LABELS_OF: Document = {
  name: "LabelsOf",
  points: 300,
  text: `
    query LabelsOf($id: ID!, $after: String) {
      issues(first: 1, filter: { id: { in: [$id] } }, includeArchived: true) { nodes { id labels(first: 100, after: $after) { nodes { name } ${PAGE} } } ${PAGE} }
    }`,
};
export const BLOCKERS_OF: Document = {
  name: "BlockersOf",
  points: 600,
  text: `
    query BlockersOf($id: ID!, $after: String) {
      issues(first: 1, filter: { id: { in: [$id] } }, includeArchived: true) { nodes { id inverseRelations(first: 100, after: $after) { ...Blockers } } ${PAGE} }
    }
    ${BLOCKERS}`,
};
/** What an issue blocks. */
export const DEPENDENTS_OF: Document = {
  name: "DependentsOf",
  points: 400,
  text: `
    query DependentsOf($id: ID!, $after: String) {
      issues(first: 1, filter: { id: { in: [$id] } }, includeArchived: true) {
        nodes { id relations(first: 100, after: $after) { nodes { type relatedIssue { id } } ${PAGE} } }
        ${PAGE}
      }
    }`,
};
export const TEAMS_OF: Document = {
  name: "TeamsOf",
  points: 300,
  text: `
    query TeamsOf($id: ID!, $after: String) {
      projects(first: 1, filter: { id: { in: [$id] } }, includeArchived: true) {
        nodes { id teams(first: 100, after: $after, includeArchived: true) { nodes { id key } ${PAGE} } }
        ${PAGE}
      }
    }`,
};

export const ALL: readonly Document[] = [
  WORKSPACE,
  ISSUES,
  DISCUSSION,
  ISSUE_IDS,
  COMMENT_IDS,
  RELATIONS,
  LABELS_OF,
  BLOCKERS_OF,
  DEPENDENTS_OF,
  TEAMS_OF,
];
