/** The worker processes: the children that run tasks, and the parent that keeps them. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.worker;
