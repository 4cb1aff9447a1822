/** Messages as they travel: bodies, headers, results, failures, and the bounds before anything is parsed. Celery's protocol 2. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.wire;
