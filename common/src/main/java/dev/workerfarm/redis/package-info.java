/** Redis: connections, shared values, arrays and locks, the journal and ledger behind exactly-once effects, revocations and stored results. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.redis;
