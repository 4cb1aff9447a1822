/** What a worker counts, and how it says so to Prometheus. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.worker.metrics;
