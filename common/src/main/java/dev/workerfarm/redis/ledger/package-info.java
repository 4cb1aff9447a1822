/** Effects exactly once: the journal of a run's shared state, and the ledger that commits the journal with the outcome. */
@NullMarked
package dev.workerfarm.redis.ledger;

import org.jspecify.annotations.NullMarked;
