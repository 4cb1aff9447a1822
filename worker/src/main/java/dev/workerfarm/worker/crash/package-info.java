/** Knows which processes died while running a message, and decides whether it runs again. */
@NullMarked
package dev.workerfarm.worker.crash;

import org.jspecify.annotations.NullMarked;
