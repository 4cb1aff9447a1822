/** The handlers of the built-in tasks. */
@NullMarked
package dev.workerfarm.worker.task;

import org.jspecify.annotations.NullMarked;
