/** The worker processes: the children that run tasks, and the parent that keeps them. */
@NullMarked
package dev.workerfarm.worker;

import org.jspecify.annotations.NullMarked;
