/**
 * kafkajs 2.2.4 sets a timer for a time in the past whenever no broker throttles it; it fires at once, as is wanted, and Node
 * warns of it once a process. All other warnings are shown as ever.
 */
process.removeAllListeners("warning");
process.on("warning", (warning) => {
  if (warning.name !== "TimeoutNegativeWarning") console.error(warning.stack ?? warning.message);
});
