/** Control messages to all workers, and the status that workers answer. */
@NullMarked
package dev.workerfarm.wire.control;

import org.jspecify.annotations.NullMarked;
