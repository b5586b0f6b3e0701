import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { inject } from "vitest";

export type KafkaAnswer = { readonly bootstrap: string } | { readonly error: string };

declare module "vitest" {
  export interface ProvidedContext {
    /** Loopback port at which global-setup.ts says where the run's Kafka is. */
    readonly kafkaDesk: number;
  }
}

/**
 * `host:port` of the Kafka that all tests of this run share; it starts with the first call. Topics and groups must be
 * named by `topicName`. Throws when Kafka does not start: such tests fail, they are never skipped.
 */
export async function sharedKafka(): Promise<string> {
  const answer: KafkaAnswer = JSON.parse(await text(connect(inject("kafkaDesk"), "127.0.0.1")));
  if ("error" in answer) throw new Error(answer.error);
  return answer.bootstrap;
}

/** A name that no other test, run or process uses: for topics, groups and transactional ids. */
export function topicName(prefix: string): string {
  return `${prefix}-${randomBytes(6).toString("hex")}`;
}
