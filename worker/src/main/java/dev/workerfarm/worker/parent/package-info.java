/** Starts, watches and replaces child processes; runs no task. */
@NullMarked
package dev.workerfarm.worker.parent;

import org.jspecify.annotations.NullMarked;
