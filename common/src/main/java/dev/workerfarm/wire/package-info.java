/** Messages as they travel: bodies, headers, results, failures, and the bounds before anything is parsed. Celery's protocol 2. */
@NullMarked
package dev.workerfarm.wire;

import org.jspecify.annotations.NullMarked;
