import assert from "node:assert/strict";
import { parentPort, workerData } from "node:worker_threads";
import { laneWorks } from "./bridge/lanes/lanes.ts";
import { serveLane } from "./bridge/lanes/serve.ts";
import { recordCodec } from "./kafka/record-codec.ts";
import { kernelAdmit } from "./mesh/kernel-admit.ts";
import { kernelModule } from "./mesh/kernel-module.ts";
import { type LaneSecrets, laneKeys } from "./tenants/lane-keys.ts";

/** The composition root of a thread that works on records: see `Lanes`. Its data are the secrets for its keys. */
assert(parentPort !== null, "A lane runs in a thread.");
const admit = kernelAdmit(recordCodec, kernelModule());
serveLane(parentPort, laneWorks(admit, laneKeys(workerData as LaneSecrets), recordCodec));
