/** Settings and lanes. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.worker.config;
