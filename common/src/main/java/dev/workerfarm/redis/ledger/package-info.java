/** Effects exactly once: the journal of a run's shared state, and the ledger that commits the journal with the outcome. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.redis.ledger;
