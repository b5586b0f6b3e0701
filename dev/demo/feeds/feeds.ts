import type { Feed } from "../feed.ts";
import { materialDemand } from "./material-demand.ts";
import { partsTraceability } from "./parts-traceability.ts";
import { qualityNotification } from "./quality-notification.ts";
import { serialPart } from "./serial-part.ts";

export { materialDemand, partsTraceability, qualityNotification, serialPart };

/** Every stream of the demo. */
export const FEEDS: readonly Feed[] = [materialDemand, serialPart, qualityNotification, partsTraceability];
