/** JSON Schema of an object with these members and no others: what one reader ignores, another might obey. */
export const closed = (required: Record<string, object>, optional: Record<string, object> = {}) => ({
  type: "object",
  properties: { ...required, ...optional },
  required: Object.keys(required),
  additionalProperties: false,
});
