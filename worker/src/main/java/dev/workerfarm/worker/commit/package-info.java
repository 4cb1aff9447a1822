/** Effects exactly once: the calls of a message are committed with their outcomes. */
@NullMarked
package dev.workerfarm.worker.commit;

import org.jspecify.annotations.NullMarked;
