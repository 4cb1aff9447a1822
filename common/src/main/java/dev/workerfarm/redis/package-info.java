/** Redis: connections, shared values, arrays and locks, the journal and ledger behind exactly-once effects, revocations and stored results. */
@NullMarked
package dev.workerfarm.redis;

import org.jspecify.annotations.NullMarked;
