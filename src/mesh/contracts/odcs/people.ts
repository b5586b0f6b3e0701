import {
  AUTHORITATIVE_DEFINITIONS,
  CUSTOM_PROPERTIES,
  choose,
  closed,
  DATE,
  list,
  NUMBER,
  STABLE_ID,
  TEXT,
  TEXTS,
} from "./pieces.ts";

/** IAM roles and who approves them. */
export const ROLE = closed(
  {
    id: STABLE_ID,
    role: TEXT,
    description: TEXT,
    access: TEXT,
    firstLevelApprovers: TEXT,
    secondLevelApprovers: TEXT,
    customProperties: CUSTOM_PROPERTIES,
  },
  ["role"],
);

const ABOUT = {
  id: STABLE_ID,
  name: TEXT,
  description: TEXT,
  tags: TEXTS,
  customProperties: CUSTOM_PROPERTIES,
  authoritativeDefinitions: AUTHORITATIVE_DEFINITIONS,
};

const MEMBER = {
  ...ABOUT,
  username: TEXT,
  role: TEXT,
  dateIn: DATE,
  dateOut: DATE,
  replacedByUsername: TEXT,
};

/** A list of people until 3.0, which need no user name; a team with members from 3.1 on. */
export const TEAM = choose(
  { type: "array" },
  list(closed(MEMBER)),
  closed({ ...ABOUT, members: list(closed(MEMBER, ["username"])) }),
);

export const SUPPORT = list(
  closed(
    {
      id: STABLE_ID,
      channel: TEXT,
      url: TEXT,
      description: TEXT,
      tool: TEXT,
      scope: TEXT,
      invitationUrl: TEXT,
      customProperties: CUSTOM_PROPERTIES,
    },
    ["channel"],
  ),
);

export const PRICE = closed({ id: STABLE_ID, priceAmount: NUMBER, priceCurrency: TEXT, priceUnit: TEXT });
