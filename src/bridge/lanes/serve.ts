import assert from "node:assert/strict";
import type { MessagePort } from "node:worker_threads";
import { MeshError } from "../../kernel/error.ts";
import type { FromLane, Question, ToLane } from "./lane.ts";
import type { LaneKind, LaneWork, LaneWorks } from "./work.ts";

/** The other end of a `Lane`, inside the thread. It keeps each fact until the `Lane` has it forgotten. */
export function serveLane(port: MessagePort, works: LaneWorks): void {
  const facts = new Map<number, LaneWork[LaneKind]["fact"]>();
  port.on("message", (message: ToLane) => {
    if ("question" in message) {
      const { question } = message;
      const { answered, moved } = answer(question, facts.get(question.number), works);
      port.postMessage(answered, moved);
    } else if ("fact" in message) facts.set(message.number, message.fact);
    else facts.delete(message.forget);
  });
}

function answer(
  { id, kind, about, pieces, memory }: Question,
  fact: LaneWork[LaneKind]["fact"] | undefined,
  works: LaneWorks,
): { readonly answered: FromLane; readonly moved: ArrayBuffer[] } {
  try {
    assert(fact !== undefined, "A fact is sent before what it is for.");
    // A question's parts belong together: `Lane.ask` put them so.
    const work = works[kind] as (...given: readonly unknown[]) => ReturnType<LaneWorks[LaneKind]>;
    const { answer, moved = [] } = work(about, fact, pieces);
    return { answered: { id, memory, answer }, moved: [memory, ...moved] };
  } catch (error) {
    // The text of a defect may quote a record: only our own errors keep theirs.
    const known = error instanceof MeshError ? error : undefined;
    const answered = { id, memory, code: known?.code, message: known?.message ?? "A defect." };
    return { answered, moved: [memory] };
  }
}
