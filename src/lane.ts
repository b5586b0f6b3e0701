import assert from "node:assert/strict";
import { parentPort, workerData } from "node:worker_threads";
import { serveLane } from "./bridge/admit-lanes.ts";
import { recordCodec } from "./kafka/record-codec.ts";
import { kernelAdmit } from "./mesh/kernel-admit.ts";
import { kernelModule } from "./mesh/kernel-module.ts";
import { type LaneSecrets, laneKeys } from "./tenants/lane-keys.ts";

/** The composition root of a thread that decides on records: see `AdmitLanes`. Its data are the secrets for its keys. */
assert(parentPort !== null, "A lane runs in a thread.");
serveLane(parentPort, kernelAdmit(recordCodec, kernelModule()), laneKeys(workerData as LaneSecrets));
