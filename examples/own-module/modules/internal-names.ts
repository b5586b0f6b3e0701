import type { OwnModule } from "../../../src/own-modules/author.ts";

interface Settings {
  readonly endings: readonly string[];
  readonly except?: readonly string[];
}

export const module: OwnModule<Settings> = {
  name: "internal-names",
  version: "1.0.0",
  describe: "A field whose name ends in one of our words for internal things does not leave.",
  settingsSchema: {
    type: "object",
    additionalProperties: false,
    required: ["endings"],
    properties: {
      endings: { type: "array", minItems: 1, items: { type: "string", minLength: 3 } },
      except: { type: "array", items: { type: "string" } },
    },
  },
  compile({ endings, except = [] }, { contract }) {
    const isInternal = (path: string): boolean => {
      const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
      return endings.some((ending) => name.endsWith(ending.toLowerCase()));
    };
    const fields = contract.fields.filter(
      ({ path, leaf }) => leaf && isInternal(path) && !except.includes(path),
    );
    return { fields: fields.map(({ path }) => ({ path, action: { action: "drop" } })) };
  },
};
