/** A lane's threads: each takes a delivery, runs it and hands the outcome on. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.worker.executor;
