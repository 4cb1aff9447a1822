/** What a worker counts, and how it says so to Prometheus. */
@NullMarked
package dev.workerfarm.worker.metrics;

import org.jspecify.annotations.NullMarked;
