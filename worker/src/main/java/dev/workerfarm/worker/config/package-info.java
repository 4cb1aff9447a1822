/** Settings and lanes. */
@NullMarked
package dev.workerfarm.worker.config;

import org.jspecify.annotations.NullMarked;
