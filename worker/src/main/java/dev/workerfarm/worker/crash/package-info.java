/** Knows which processes died while running a message, and decides whether it runs again. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.worker.crash;
