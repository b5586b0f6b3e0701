import type { Document } from "../../document/document.ts";
import { listOf, memberOf, textOf } from "./profile.ts";
import type { Report } from "./report.ts";

/** The schema object that is the contract's stream. */
export interface StreamObject {
  readonly index: number;
  readonly pointer: string;
  /** `physicalName`: the source topic, and the stream's name at the subscriber behind the partner's name. */
  readonly topic: string;
}

/** Kafka allows 249 characters; a partner's name and a dot come before them at the subscriber. */
const TOPIC = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;

/** Finds the one schema object of physical type `topic`. */
export function findStream(document: Document, report: Report): StreamObject | undefined {
  const objects = listOf(memberOf(document.value, "schema"));
  const topics = objects.flatMap((object, index) =>
    memberOf(object, "physicalType") === "topic" ? [index] : [],
  );
  const [index, second] = topics;
  if (index === undefined || second !== undefined) {
    const pointer = second === undefined ? "/schema" : `/schema/${second}`;
    const count = index === undefined ? "no" : "more than one";
    report.add(
      document,
      "mesh.one-stream",
      pointer,
      `The contract has ${count} schema object of \`physicalType: topic\`.`,
    );
    return undefined;
  }
  objects.forEach((_, other) => {
    if (other === index) return;
    report.add(
      document,
      "mesh.other-object",
      `/schema/${other}`,
      "This schema object is no topic, so the mesh takes no notice of it.",
    );
  });
  const pointer = `/schema/${index}`;
  const topic = textOf(memberOf(objects[index], "physicalName"));
  if (topic !== undefined && TOPIC.test(topic)) return { index, pointer, topic };
  const message =
    topic === undefined
      ? "The schema object has no `physicalName`, so there is no source topic."
      : "`physicalName` is no name of a topic: at most 200 letters, digits, dots, underscores and hyphens.";
  report.add(document, "mesh.topic", `${pointer}/physicalName`, message);
  return undefined;
}
