/** A lane's threads: each takes a delivery, runs it and hands the outcome on. */
@NullMarked
package dev.workerfarm.worker.executor;

import org.jspecify.annotations.NullMarked;
