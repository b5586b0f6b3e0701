/** Name of the topic that holds what a partner publishes to us: by partner and contract, never by the source's topic. */
export const replicaTopic = (prefix: string, partner: string, contract: string): string =>
  `${prefix}${partner}.${contract}`;
